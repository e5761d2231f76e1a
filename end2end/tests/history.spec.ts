import { nextSecond } from '../support/clock.ts';
import { expect, test } from '../support/test.ts';
import { REFUSAL } from '../support/visitor.ts';

test('going back after signing in by code shows no form to sign in', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  await visitor.submitsCode((await mailbox.next(visitor.address)).code);
  await visitor.isIn();
  await visitor.page.goBack();
  await visitor.isIn();
});

test('going back after signing in by link ends on no refusal', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.page.goBack();
  await visitor.waitsForScripts();
  await expect(visitor.link('Ask for a new link')).toHaveCount(0);
  await expect(visitor.addressField).toHaveCount(0);
  await visitor.opens('/');
  await visitor.isIn();
});

test('going back from a refused link leads to where it was opened, and not to the link', { tag: '@with-javascript' }, async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const other = await anotherBrowser();
  other.watch.expectRefusal(409);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isRefused(REFUSAL.otherBrowser);
  await other.page.goBack();
  await expect(other.page).toHaveURL('https://webmail.test/');
});

test('going back after signing out does not show what was guarded', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.signsOut();
  await visitor.page.goBack();
  await expect(visitor.heading('Sign in')).toBeVisible();
  await expect(visitor.page.getByText(visitor.address)).toHaveCount(0);
});

test('reloading the page that says to check the inbox sends nothing again', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  await visitor.page.reload();
  await visitor.submitsCode(mail.code);
  await visitor.isIn();
  expect(mailbox.count(visitor.address)).toBe(1);
});

test('of two tabs that asked, only the newest link works', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const older = await mailbox.next(visitor.address);
  await nextSecond();
  const second = await visitor.opensATab();
  await second.asksForALink();
  const newer = await mailbox.next(visitor.address);

  visitor.watch.expectRefusal(410);
  await visitor.clicksTheLinkIn(older);
  await visitor.isRefused(REFUSAL.newer);
  await second.clicksTheLinkIn(newer);
  await second.isIn();
});

test('signing out in one tab signs the other tab out', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  const second = await visitor.opensATab();
  await second.opens('/');
  await second.isIn();
  await visitor.signsOut();
  await second.page.reload();
  await expect(second.heading('Sign in')).toBeVisible();
});
