import { expect, test } from '../support/test.ts';

/** The longest time after which the waiting tab has gone on, in milliseconds. */
const SOON = 2_000;

test('the waiting tab goes on by itself when the link is opened in another one', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const second = await visitor.opensATab();
  await second.clicksTheLinkIn(await mailbox.next(visitor.address));
  await second.isIn();
  await expect(visitor.heading('You are in')).toBeVisible({ timeout: SOON });
});

test('the waiting tab goes on by itself when the code is typed in another one', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const second = await visitor.opensATab();
  await second.opens('/login/sent');
  await second.submitsCode((await mailbox.next(visitor.address)).code);
  await second.isIn();
  await expect(visitor.heading('You are in')).toBeVisible({ timeout: SOON });
});

test('the waiting tab goes where the sign-in was to lead', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.opens('/logout?from=mail');
  await visitor.asksHere();
  const second = await visitor.opensATab();
  await second.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(second.heading('Sign out')).toBeVisible();
  await visitor.isAt('/logout?from=mail');
  await expect(visitor.heading('Sign out')).toBeVisible();
});

test('a tab that heard nothing looks when somebody looks at it', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  // Its browser has no channel between tabs.
  await visitor.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await visitor.asksForALink();
  const second = await visitor.opensATab();
  await second.clicksTheLinkIn(await mailbox.next(visitor.address));
  await second.isIn();
  await visitor.isToldToCheckTheInbox();
  await visitor.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await visitor.isIn();
});

test('a tab that waits asks nothing while nothing happens', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.page.clock.install();
  await visitor.asksForALink();
  await visitor.waitsForScripts();
  let asked = 0;
  visitor.page.on('request', () => (asked += 1));
  await visitor.page.clock.runFor('04:00');
  await expect(visitor.page.getByRole('timer')).toHaveText(/^0:/);
  expect(asked).toBe(0);
});

test('a look at the page of a tab that waits changes nothing', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.waitsForScripts();
  const looked = visitor.page.waitForResponse((response) => response.request().method() === 'HEAD');
  await visitor.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const answer = await looked;
  expect(answer.status()).toBe(200);
  expect(answer.headers()['set-cookie']).toBeUndefined();
  await visitor.submitsCode(code);
  await visitor.isIn();
});

test('a tab that asks for another mail after all is led on, and no mail is sent', async ({ visitor, mailbox }) => {
  // The tab that waits stays where it is: it hears nothing.
  await visitor.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await visitor.asksForALink();
  await visitor.waitsForScripts();
  const second = await visitor.opensATab();
  await second.clicksTheLinkIn(await mailbox.next(visitor.address));
  await second.isIn();
  await visitor.asksAgain();
  await visitor.isIn();
  // A mail that is asked for now comes after all that was asked for before.
  await visitor.signsOut();
  await visitor.asksForALink();
  await mailbox.next(visitor.address);
  expect(mailbox.count(visitor.address)).toBe(2);
});

test('a tab that sends the code of a used mail is led on', async ({ visitor, mailbox }) => {
  await visitor.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await visitor.asksForALink();
  await visitor.waitsForScripts();
  const mail = await mailbox.next(visitor.address);
  const second = await visitor.opensATab();
  await second.clicksTheLinkIn(mail);
  await second.isIn();
  await visitor.submitsCode(mail.code);
  await visitor.isIn();
});
