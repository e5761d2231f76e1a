import { clockPasses } from '../support/clock.ts';
import { expect, test } from '../support/test.ts';
import { REFUSAL } from '../support/visitor.ts';

const MAX_AGE = 3; // seconds; long enough for the mail to come, short enough to wait for
test.use({ settings: { LINK_MAX_AGE: String(MAX_AGE) } });

test('a link past its time is refused at once, and a new one works', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const late = await mailbox.next(visitor.address);
  await clockPasses(Date.now() + (MAX_AGE + 1) * 1000);

  visitor.watch.expectPageStatus(410);
  await visitor.opens(late.link);
  await visitor.isRefused(REFUSAL.expired);
  await visitor.isNotSignedIn();

  await visitor.link('Ask for a new link').click();
  await visitor.asksHere();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await visitor.isIn();
});

test('a link past its time is refused the same way in another browser', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const late = await mailbox.next(visitor.address);
  await clockPasses(Date.now() + (MAX_AGE + 1) * 1000);

  const other = await anotherBrowser();
  other.watch.expectPageStatus(410);
  await other.opens(late.link);
  await other.isRefused(REFUSAL.expired);
});

test('the page that says to check the inbox becomes the one that offers a new mail', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  await mailbox.next(visitor.address);
  await expect(visitor.heading(REFUSAL.expired)).toBeFocused();
  await expect(visitor.page).toHaveTitle(`${REFUSAL.expired} · ${new URL(visitor.page.url()).host}`);
  const main = () => visitor.page.getByRole('main').innerHTML();
  const became = await main();
  await visitor.page.reload();
  await expect(visitor.heading(REFUSAL.expired)).toBeVisible();
  expect(became).toBe(await main());

  await visitor.button('Send a new mail').click();
  await visitor.isToldToCheckTheInbox();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await visitor.isIn();
});

test('a code past its time lets nobody in', { tag: '@without-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const late = await mailbox.next(visitor.address);
  await visitor.waitsForScripts();
  await clockPasses(Date.now() + (MAX_AGE + 1) * 1000);

  visitor.watch.expectRefusal(410);
  await visitor.submitsCode(late.code);
  await expect(visitor.page.getByRole('main')).toContainText(/expired/i);
  await visitor.isNotSignedIn();
});
