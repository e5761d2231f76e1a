import type { Page, Route } from '@playwright/test';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

// What happens here happens in scripts: without them the browser itself shows that it waits.

const ask = '**/api/request_link';

/** Holds the answers to a form back for good. */
async function holdAnswers(page: Page): Promise<void> {
  await page.route(ask, () => new Promise(() => {}));
}

/** Answers a form in the place of the server. */
async function answer(page: Page, how: Parameters<Route['fulfill']>[0]): Promise<void> {
  await page.route(ask, (route) => route.fulfill(how));
}

const said = ({ page }: Visitor) => page.getByRole('alert');
const progress = ({ page }: Visitor) => page.getByRole('status');

test('a form that waits says so, says when it takes long, and gives up in the end', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.page.clock.install();
  await holdAnswers(visitor.page);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(visitor.button(/^One moment…/)).toHaveAttribute('aria-disabled', 'true');
  await expect(progress(visitor)).toHaveText('One moment…');

  const height = () => visitor.page.getByRole('main').evaluate((main) => main.scrollHeight);
  const before = await height();
  await visitor.page.clock.runFor(11_000);
  await expect(progress(visitor)).toHaveText('This takes longer than usual. There is nothing to do but wait.');
  expect(await height()).toBe(before);

  const abandoned = visitor.page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/request_link'));
  await visitor.page.clock.runFor(20_000);
  await abandoned;
  visitor.watch.forgiveFailed('/api/request_link');
  await expect(said(visitor)).toHaveText('The site did not answer in time. What you typed is still here: try again.');
  await expect(progress(visitor)).toBeEmpty();
  expect(await height()).toBe(before);
  await expect(visitor.addressField).toHaveValue(visitor.address);
  await expect(visitor.addressField).not.toHaveAttribute('aria-invalid');

  await visitor.page.unroute(ask);
  await visitor.button('Send me a link').click();
  await visitor.isToldToCheckTheInbox();
});

const foreign: [string, Parameters<Route['fulfill']>[0]][] = [
  ['a proxy without a server behind it', { status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' }],
  ['the portal of a network', { status: 200, contentType: 'text/html', body: '<h1>Accept our terms</h1>' }],
  ['a proxy that forbids', { status: 403, contentType: 'text/plain', body: 'no' }],
];
for (const [who, how] of foreign) {
  test(`an answer by ${who} is not the visitor's fault`, { tag: '@with-javascript' }, async ({ visitor }) => {
    await answer(visitor.page, how);
    if (how!.status! >= 400) visitor.watch.expectRefusal(how!.status!);
    await visitor.opens('/login');
    await visitor.submitsAddress();
    await expect(said(visitor)).toHaveText('The site is not available at the moment. What you typed is still here: try again soon.');
    await expect(visitor.addressField).not.toHaveAttribute('aria-invalid');
    await expect(visitor.addressField).toHaveValue(visitor.address);
  });
}

test('a connection that is gone is no fault of the address', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.page.route(ask, (route) => route.abort('internetdisconnected'));
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(said(visitor)).toHaveText('The site could not be reached. Check your connection, then try again.');
  visitor.watch.forgiveFailed('/api/request_link');
  await expect(visitor.addressField).not.toHaveAttribute('aria-invalid');
});

test('the same error is said again when it comes again', { tag: '@with-javascript' }, async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(said(visitor)).toHaveText(/There is no @ in it/);
  const changes = visitor.page.evaluate(
    () =>
      new Promise<string[]>((told) => {
        const seen: string[] = [];
        const line = document.querySelector('[role=alert]')!;
        new MutationObserver(() => {
          seen.push(line.textContent ?? '');
          if (seen.length === 2) told(seen);
        }).observe(line, { childList: true, characterData: true, subtree: true });
      }),
  );
  await visitor.button('Send me a link').click();
  const [gone, again] = await changes;
  expect(gone).toBe('');
  expect(again).toMatch(/There is no @ in it/);
});

test('an error goes when its field is edited', { tag: '@with-javascript' }, async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(visitor.addressField).toHaveAttribute('aria-invalid', 'true');
  await visitor.addressField.press('End');
  await visitor.page.keyboard.type('x');
  await expect(said(visitor)).toBeEmpty();
  await expect(visitor.addressField).not.toHaveAttribute('aria-invalid');
});

test('a limit blames no address, and its countdown holds the button', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.page.clock.install();
  await answer(visitor.page, { status: 429, json: { refusal: 'limited', retry_after: 3_700, message: 'That was too often.' } });
  visitor.watch.expectRefusal(429);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(said(visitor)).toHaveText('That was too often. You can try again when the button has counted down.');
  await expect(visitor.addressField).not.toHaveAttribute('aria-invalid');
  const button = visitor.button(/^Send me a link/);
  await expect(button).toBeDisabled();
  await expect(button).toHaveText(/1:01:\d\d$/);
  await visitor.page.clock.fastForward('01:01:00');
  await expect(button).toHaveText(/0:[34]\d$/);
  await visitor.page.clock.fastForward('01:00');
  await expect(button).toHaveText('Send me a link');
  await expect(button).toBeEnabled();
  await expect(said(visitor)).toBeEmpty();
});
