import { expect, test } from '../support/test.ts';

// The wait between two mails that one browser asks for as it is out of the box.
test.use({ settings: { LIMIT_BROWSER: undefined } });

test('the button to send again waits out a countdown one can see', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.asksForALink();
  await visitor.waitsForScripts();
  const button = visitor.button(/^Send again/);
  await expect(button).toBeDisabled();
  await expect(button).toHaveText(/^Send again in [01]:[0-5]\d$/);
  const first = await button.innerText();
  await expect(button).not.toHaveText(first);
});

test('pressing send again too early says how long to wait', { tag: '@without-javascript' }, async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  await mailbox.next(visitor.address);
  visitor.watch.expectRefusal(429);
  await visitor.button(/^Send again/).click();
  await expect(visitor.page.getByRole('main')).toContainText(/\d+ seconds|\d:\d\d|a minute/);
  // A mail that is asked for now comes after all that was asked for before.
  await (await anotherBrowser()).asksForALink(visitor.address);
  await mailbox.next(visitor.address);
  expect(mailbox.count(visitor.address)).toBe(2);
});

test('asking for a second link too early leads back to the mail that is on its way', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  await visitor.opens('/login');
  await visitor.asksHere();
  expect(mailbox.count(visitor.address)).toBe(1);
  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});
