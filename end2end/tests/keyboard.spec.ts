import { expect, test } from '../support/test.ts';
import { REFUSAL, wrongCode } from '../support/visitor.ts';

test('a visitor signs in and out with the keyboard alone', async ({ visitor, mailbox }) => {
  const { keyboard } = visitor.page;
  await visitor.opens('/login');
  await expect(visitor.heading('Sign in')).toBeVisible();
  await visitor.waitsForScripts();
  await visitor.tabsTo(visitor.addressField);
  await keyboard.type(visitor.address);
  await visitor.tabsTo(visitor.button('Send me a link'));
  await keyboard.press('Enter');

  await visitor.isToldToCheckTheInbox();
  await visitor.waitsForScripts();
  await visitor.tabsTo(visitor.codeField);
  await keyboard.type((await mailbox.next(visitor.address)).code);
  if (!visitor.javaScript) await keyboard.press('Enter');

  await visitor.isIn();
  await visitor.waitsForScripts();
  await visitor.tabsTo(visitor.button('Sign out'));
  await keyboard.press('Enter');
  await expect(visitor.heading('Sign in')).toBeVisible();
});

test('the skip link is the first stop and leads into the page', async ({ visitor }) => {
  await visitor.opens('/login');
  await expect(visitor.heading('Sign in')).toBeVisible();
  await visitor.waitsForScripts();
  const skip = visitor.link(/^skip/i);
  const first = visitor.page.locator('a[href], button, input').first();
  expect(await first.evaluate((element, other) => element === other, await skip.elementHandle())).toBe(true);
  await skip.focus();
  await expect(skip).toBeInViewport();
  await visitor.page.keyboard.press('Enter');
  await visitor.page.keyboard.press('Tab');
  await expect(visitor.page.locator('main :focus')).toHaveCount(1);
});

test('after a malformed address the focus is in the field', async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(visitor.page.locator('#email-error')).not.toBeEmpty();
  await expect(visitor.addressField).toBeFocused();
});

test('after a wrong code the focus is in the field', async ({ visitor, mailbox }) => {
  visitor.watch.expectRefusal(422);
  await visitor.asksForALink();
  await visitor.submitsCode(wrongCode((await mailbox.next(visitor.address)).code));
  await expect(visitor.page.locator('#code-error')).not.toBeEmpty();
  await expect(visitor.codeField).toBeFocused();
});

test('after a refused link the focus is on the heading that says why', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const other = await anotherBrowser();
  other.watch.expectRefusal(409);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isRefused(REFUSAL.otherBrowser);
  await expect(other.heading(REFUSAL.otherBrowser)).toBeFocused();
});
