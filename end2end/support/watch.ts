/**
 * Watches everything that goes on in one browser. A console error, a page error, a failed request or
 * an answer of 400 and above fails the test, unless the test announced that very status before.
 */
import type { BrowserContext, Page, Request, Response } from '@playwright/test';

export class Watch {
  readonly #javaScript: boolean;
  readonly #troubles: string[] = [];
  readonly #consoleErrors: { text: string; url: string }[] = [];
  readonly #refusals: { status: number; url: string; method: string }[] = [];
  readonly #failed: { request: Request; page: Page | undefined; reason: string | undefined; shown: number }[] = [];
  readonly #shown = new Map<Page, number>();
  readonly #forgiven = new Set<string>();
  readonly #drawn = new Map<Page, Response>();
  readonly #announced: { statuses: number[]; required: boolean }[] = [];

  constructor(context: BrowserContext, javaScript: boolean) {
    this.#javaScript = javaScript;
    context.on('weberror', (error) => this.#troubles.push(`page error: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => {
      if (message.type() === 'error') this.#consoleErrors.push({ text: message.text(), url: message.location().url });
    });
    context.on('response', (response) => {
      const page = pageOf(response.request());
      if (page && response.request().isNavigationRequest() && response.frame() === page.mainFrame()) this.#drawn.set(page, response);
      if (response.status() >= 400) {
        this.#refusals.push({ status: response.status(), url: response.url(), method: response.request().method() });
      }
    });
    this.#watchRequests(context);
    context.on('page', (page) => page.on('crash', () => this.#troubles.push(`the page crashed: ${page.url()}`)));
  }

  /**
   * Announces that the server refuses something in this test, with one of these statuses.
   * It fails the test too when it never comes. A plain form is answered with a redirect to a page that
   * says it in words, so without JavaScript the status may come and need not.
   */
  expectRefusal(...statuses: number[]): void {
    this.#announced.push({ statuses, required: this.#javaScript });
  }

  /** Announces the status of a page that is opened, which is the same with JavaScript and without. */
  expectPageStatus(status: number): void {
    this.#announced.push({ statuses: [status], required: true });
  }

  /** Excuses the failed requests for this path: the test itself broke them off. */
  forgiveFailed(path: string): void {
    this.#forgiven.add(path);
  }

  /** The HTML of the document that this page shows, as the server sent it. */
  async documentOf(page: Page): Promise<string> {
    return (await this.#drawn.get(page)?.text()) ?? '';
  }

  /** Adds a trouble that somebody else saw. */
  note(trouble: string): void {
    this.#troubles.push(trouble);
  }

  /** Everything that went wrong, one line each. */
  verdict(): string[] {
    const announced = new Set(this.#announced.flatMap(({ statuses }) => statuses));
    const came = new Set(this.#refusals.map(({ status }) => status));
    // Chromium repeats every refused request in the console; the refusal itself is judged here already.
    const refused = new Set(this.#refusals.map(({ url }) => url));
    // The mails of the development inbox stand in frames that run no script, and the tests put one into every frame.
    const ours = ({ text }: { text: string }) => /^Blocked script execution in '[^']*\/dev\/inbox\/\d+'/.test(text);
    const repeats = ({ text, url }: { text: string; url: string }) =>
      text.startsWith('Failed to load resource: the server responded with a status of') && refused.has(url);
    return [
      ...this.#troubles,
      ...this.#failedRequests(),
      ...this.#consoleErrors.filter((error) => !repeats(error) && !ours(error) && !this.#forgiven.has(pathOf(error.url))).map(({ text, url }) => `console error at ${url}: ${text}`),
      ...this.#refusals
        .filter(({ status }) => !announced.has(status))
        .map(({ status, url, method }) => `unannounced refusal: ${status} for ${method} ${url}`),
      ...this.#announced
        .filter(({ statuses, required }) => required && !statuses.some((status) => came.has(status)))
        .map(({ statuses }) => `announced, and never came: a refusal with status ${statuses.join(' or ')}`),
    ];
  }

  /**
   * A failed request is a trouble, with one exception: when somebody leaves a page, the browser itself breaks
   * off what that page was still loading. So a broken-off request is excused when its page shows another document by now.
   */
  #failedRequests(): string[] {
    return this.#failed
      .filter(({ request }) => !this.#forgiven.has(new URL(request.url()).pathname))
      .filter(({ page, reason, shown }) => !(reason === 'net::ERR_ABORTED' && page && this.#documents(page) > shown))
      // With scripts switched off, Chromium calls each preloaded one blocked.
      .filter(({ reason, request }) => this.#javaScript || !(reason === 'csp' && request.resourceType() === 'script'))
      .map(({ reason, request }) => `failed request: ${request.method()} ${request.url()}: ${reason}`);
  }

  #watchRequests(context: BrowserContext): void {
    const shownAtStart = new Map<Request, number>();
    context.on('page', (page) =>
      page.on('framenavigated', (frame) => {
        if (frame === page.mainFrame()) this.#shown.set(page, this.#documents(page) + 1);
      }),
    );
    context.on('request', (request) => {
      const page = pageOf(request);
      if (page) shownAtStart.set(request, this.#documents(page));
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      this.#failed.push({ request, page: pageOf(request), reason, shown: shownAtStart.get(request) ?? 0 });
    });
  }

  /** How many documents this page has shown so far. */
  #documents(page: Page): number {
    return this.#shown.get(page) ?? 0;
  }
}

/** The path in the address of a script or a request, if it is one. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : '';
}

/** The page of a request; the request that opens a new tab comes before there is one. */
function pageOf(request: Request): Page | undefined {
  try {
    return request.frame().page();
  } catch {
    return undefined;
  }
}
