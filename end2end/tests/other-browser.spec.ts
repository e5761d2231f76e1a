import { expect, test } from '../support/test.ts';
import { REFUSAL } from '../support/visitor.ts';

test('a link in a browser that did not ask says what happened and what helps', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const app = await anotherBrowser();
  app.watch.expectRefusal(409);
  await app.clicksTheLinkIn(await mailbox.next(visitor.address));
  await app.isRefused(REFUSAL.otherBrowser);
  const main = app.page.getByRole('main');
  await expect(main).toContainText('Mail apps often open links in a window of their own.');
  await expect(main).toContainText('Go back to where you asked, and type the code from the mail there.');
});

test('the link can be copied there, and works where it was asked for', { tag: '@with-javascript' }, async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  const app = await anotherBrowser();
  await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  app.watch.expectRefusal(409);
  await app.clicksTheLinkIn(mail);
  await app.isRefused(REFUSAL.otherBrowser);
  await app.button('Copy this link').click();
  await expect(app.page.getByRole('status')).toHaveText('Copied. Now paste it there.');
  const copied = await app.page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(copied).searchParams.get('token')).toBe(new URL(mail.link).searchParams.get('token'));
  // The address bar has nothing to copy any more, and the history neither.
  await app.isAt('/verify?refusal=other_browser');

  await visitor.pastes(copied);
  await visitor.isIn();
});

test('without a clipboard the link is there to be selected', { tag: '@with-javascript' }, async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  const app = await anotherBrowser();
  await app.page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  app.watch.expectRefusal(409);
  await app.clicksTheLinkIn(mail);
  await app.isRefused(REFUSAL.otherBrowser);
  await app.button('Copy this link').click();
  const selected = () => app.page.evaluate(() => String(getSelection()));
  await expect.poll(selected).toContain('/verify?token=');
  await visitor.pastes(await selected());
  await visitor.isIn();
});

test('without scripts the link stands on the page', { tag: '@without-javascript' }, async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  const app = await anotherBrowser();
  await app.clicksTheLinkIn(mail);
  await app.isRefused(REFUSAL.otherBrowser);
  await expect(app.button('Copy this link')).toBeHidden();
  await visitor.pastes((await app.page.locator('#link').innerText()).trim());
  await visitor.isIn();
});

test('who would rather start there is mailed for that browser by one press', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const app = await anotherBrowser();
  app.watch.expectRefusal(409);
  await app.clicksTheLinkIn(await mailbox.next(visitor.address));
  await app.isRefused(REFUSAL.otherBrowser);
  await app.button(/^Start here instead/).click();
  await app.isToldToCheckTheInbox();
  await expect(app.page.getByRole('main')).toContainText(visitor.address);
  await app.clicksTheLinkIn(await mailbox.next(visitor.address));
  await app.isIn();
});

test('no link is repeated that is not genuine', async ({ visitor }) => {
  await visitor.opens('/verify?refusal=other_browser&token=half-a-link');
  await expect(visitor.heading(REFUSAL.otherBrowser)).toBeVisible();
  await expect(visitor.page.locator('#link')).toHaveCount(0);
  await expect(visitor.link('Start here instead')).toHaveAttribute('href', '/login');
});
