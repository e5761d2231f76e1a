import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';
import { wrongCode } from '../support/visitor.ts';

/** Watches, from the next page on, what moves without being moved. Gives back what has on the page that is open. */
async function watchesForShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    interface Shift extends PerformanceEntry {
      sources: { node: Node | null }[];
    }
    const shifts: string[] = [];
    Object.assign(window, { postern_shifts: shifts });
    // Those right after a press count as well, which Web Vitals forgive.
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries() as Shift[]) {
        shifts.push(sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 100) : node?.textContent)).join(' and '));
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () =>
    page.evaluate(async () => {
      // Whatever was to be drawn has been, and the observer has heard of it.
      for (let frame = 0; frame < 3; frame++) await new Promise((drawn) => requestAnimationFrame(drawn));
      return (window as unknown as { postern_shifts: string[] }).postern_shifts;
    });
}

test('nothing moves on the way in, through errors and another mail', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  const shifts = await watchesForShifts(visitor.page);
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(visitor.addressField).toHaveAttribute('aria-invalid', 'true');
  expect(await shifts(), 'an address is refused').toEqual([]);
  await visitor.addressField.fill(visitor.address);
  expect(await shifts(), 'it is mended').toEqual([]);

  await visitor.asksHere();
  const { code } = await mailbox.next(visitor.address);
  await visitor.submitsCode(wrongCode(code));
  await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');
  expect(await shifts(), 'a code is refused').toEqual([]);

  await visitor.asksAgain();
  await expect(visitor.page.getByText('A new mail is on its way.')).toBeVisible();
  await visitor.waitsForScripts();
  expect(await shifts(), 'another mail is on its way').toEqual([]);
});

test('nothing moves where another mail is refused', { tag: '@with-javascript' }, async ({ visitor }) => {
  const shifts = await watchesForShifts(visitor.page);
  await visitor.asksForALink();
  await visitor.page.route('**/api/resend_link', (route) =>
    route.fulfill({ status: 429, json: { refusal: 'limited', retry_after: 60, message: 'That was too often.' } }),
  );
  visitor.watch.expectRefusal(429);
  await visitor.asksAgain();
  await expect(visitor.button(/^Send again in/)).toBeVisible();
  expect(await shifts()).toEqual([]);
});
