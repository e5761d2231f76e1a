/** Somebody with a browser, and what they do in it. */
import { randomBytes } from 'node:crypto';
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import type { Mail } from './mailbox.ts';
import { LISTED_DOMAIN } from './postern.ts';
import { Watch } from './watch.ts';

/** The headings of the pages that turn a link down. */
export const REFUSAL = {
  otherBrowser: 'Open this link in the browser where you asked for it',
  expired: 'This link has expired',
  used: 'This link has already been used',
  newer: 'A newer link was sent',
  incomplete: 'This link is not complete',
} as const;

/** An address that no other test uses. */
export function freshAddress(domain: string = LISTED_DOMAIN): string {
  return `visitor-${randomBytes(6).toString('hex')}@${domain}`;
}

/** Another code of eight digits. */
export function wrongCode(code: string): string {
  return String((Number(code) + 1) % 100_000_000).padStart(8, '0');
}

export class Visitor {
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly watch: Watch,
    readonly javaScript: boolean,
    readonly address: string,
  ) {}

  static async in(context: BrowserContext, javaScript: boolean): Promise<Visitor> {
    const watch = new Watch(context, javaScript);
    if (javaScript) await context.addInitScript(noteHydration);
    return new Visitor(context, await context.newPage(), watch, javaScript, freshAddress());
  }

  /** The same person with another tab of the same browser. */
  async opensATab(): Promise<Visitor> {
    return new Visitor(this.context, await this.context.newPage(), this.watch, this.javaScript, this.address);
  }

  // What the visitor sees.

  heading(text: string): Locator {
    return this.page.getByRole('heading', { level: 1, name: text, exact: true });
  }

  get addressField(): Locator {
    return this.page.getByRole('textbox', { name: 'E-mail address' });
  }

  get codeField(): Locator {
    return this.page.getByRole('textbox', { name: 'Eight-digit code' });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', typeof name === 'string' ? { name, exact: true } : { name });
  }

  // What the visitor does.

  /** Opens a page, and does not wait for it to load: some go on by themselves before that. */
  async opens(url: string) {
    return this.page.goto(url, { waitUntil: 'commit' });
  }

  /** Sends the form of the sign-in page that is open. */
  async submitsAddress(address: string = this.address): Promise<void> {
    await expect(this.heading('Sign in')).toBeVisible();
    await this.waitsForScripts();
    await this.addressField.fill(address);
    await this.button('Send me a link').click();
  }

  /**
   * Goes from the sign-in page that is open to the one that says to look into the inbox. The mail may be there before
   * the answer is: who goes elsewhere at once would be called back by it.
   */
  async asksHere(address: string = this.address): Promise<void> {
    await this.submitsAddress(address);
    await this.isToldToCheckTheInbox();
  }

  async asksForALink(address: string = this.address): Promise<void> {
    await this.opens('/login');
    await this.asksHere(address);
  }

  async asksAgain(): Promise<void> {
    await this.isToldToCheckTheInbox();
    await this.waitsForScripts();
    await this.button('Send again').click();
  }

  /** Types a code of eight digits. The last one signs in by itself, the first time; after that the button does. */
  async submitsCode(code: string): Promise<void> {
    await this.isToldToCheckTheInbox();
    await this.waitsForScripts();
    const byItself = this.javaScript && (await this.codeField.getAttribute('aria-invalid')) === null;
    await this.codeField.fill(code);
    if (!byItself) await this.button('Sign in').click();
  }

  /**
   * Clicks the link in the HTML part of the mail, on the page of a webmail site: a click that comes from
   * another site, as it does for most people. Without JavaScript there is a button to press after it.
   */
  async clicksTheLinkIn(mail: Mail): Promise<void> {
    const webmail = 'https://webmail.test/';
    await this.page.route(webmail, (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: String(mail.parsed.html) }),
    );
    await this.page.goto(webmail);
    await this.page.locator(`a[href="${mail.link}"]`).first().click({ noWaitAfter: true });
    await this.#pressesOn();
  }

  /** Waits until the mail is in the development inbox. */
  async findsTheMailInTheInbox(): Promise<void> {
    await expect(async () => {
      await this.opens('/dev/inbox');
      await expect(this.page.getByRole('main')).toContainText(this.address, { timeout: 500 });
    }).toPass();
  }

  /** Clicks the link in the newest mail of the development inbox. */
  async clicksTheLinkInTheInbox(): Promise<void> {
    await this.page.frameLocator('iframe').first().getByRole('link', { name: 'Sign in' }).click({ noWaitAfter: true });
    await this.#pressesOn();
  }

  /** Opens a link as if copied into the address bar. Without JavaScript there is a button to press after it. */
  async pastes(link: string): Promise<void> {
    await this.opens(link);
    await this.#pressesOn();
  }

  async asksAndSignsIn(mailbox: { next(address: string): Promise<Mail> }): Promise<Mail> {
    await this.asksForALink();
    const mail = await mailbox.next(this.address);
    await this.clicksTheLinkIn(mail);
    await this.isIn();
    return mail;
  }

  async signsOut(): Promise<void> {
    await this.waitsForScripts();
    await this.button('Sign out').click();
    await expect(this.heading('Sign in')).toBeVisible();
  }

  /** Moves the focus forward with the Tab key until it is there. */
  async tabsTo(target: Locator): Promise<void> {
    const hasFocus = () => target.evaluate((element) => element === document.activeElement);
    for (let presses = 0; presses < 20 && !(await hasFocus()); presses++) await this.page.keyboard.press('Tab');
    await expect(target).toBeFocused();
  }

  // Where the visitor is.

  async isToldToCheckTheInbox(): Promise<void> {
    await expect(this.heading('Check your inbox')).toBeVisible();
  }

  /** On the home page, signed in. */
  async isIn(): Promise<void> {
    await expect(this.heading('You are in')).toBeVisible();
    await this.isAt('/');
  }

  /** A guarded page sends this visitor to the sign-in page. */
  async isNotSignedIn(): Promise<void> {
    const tab = await this.opensATab();
    await tab.opens('/');
    await expect(tab.heading('Sign in')).toBeVisible();
    await tab.waitsForScripts();
    await tab.page.close();
  }

  /** On the page that the server draws for a link that is turned down. */
  async isRefused(why: string): Promise<void> {
    await expect(this.heading(why)).toBeVisible();
    await expect(this.page).toHaveTitle(`${why} · ${new URL(this.page.url()).host}`);
    const remedy = why === REFUSAL.otherBrowser ? this.button(/^Start here instead/) : this.link('Ask for a new link');
    await expect(remedy).toBeVisible();
  }

  /** At this path, query included. */
  async isAt(path: string): Promise<void> {
    await expect(this.page).toHaveURL(path);
  }

  /**
   * Waits until the page has loaded and its islands are alive. The forms work before that too (tests/hasty.spec.ts),
   * but then they are answered with another page, and a test has to know which of the two it watches.
   */
  async waitsForScripts(page: Page = this.page): Promise<void> {
    if (!this.javaScript) return;
    await page.waitForFunction(
      () =>
        document.readyState === 'complete' &&
        (document.querySelector('leptos-island') === null || 'postern_hydrated' in window),
      undefined,
      { timeout: 15_000 },
    );
  }

  /** What went wrong in this browser, after every page that is still open has come to rest. */
  async troubles(): Promise<string[]> {
    for (const page of this.context.pages()) {
      await this.waitsForScripts(page).catch(() => this.watch.note(`the scripts of ${page.url()} never came alive`));
    }
    return this.watch.verdict();
  }

  async #pressesOn(): Promise<void> {
    if (this.javaScript) return;
    await expect(this.heading('Almost there')).toBeVisible();
    await this.button('Sign in').click();
  }
}

/**
 * Runs in every page before its own scripts. The islands come alive in the same turn in which the WebAssembly
 * is ready, so a task after that turn finds them all alive.
 */
function noteHydration(): void {
  const load = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...source: Parameters<typeof load>) => {
    const loaded = await load(...source);
    setTimeout(() => Object.assign(window, { postern_hydrated: true }));
    return loaded;
  };
}
