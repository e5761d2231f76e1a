import { expect, test } from '../support/test.ts';
import { freshAddress, wrongCode } from '../support/visitor.ts';

test('a visitor who clicks the link in the mail is in', async ({ visitor, mailbox, postern }) => {
  await visitor.opens('/login');
  await expect(visitor.page).toHaveTitle(`Sign in · ${new URL(postern.url).host}`);
  await visitor.asksHere();
  await expect(visitor.page).toHaveTitle(`Check your inbox · ${new URL(postern.url).host}`);
  await expect(visitor.page.getByRole('main')).toContainText(visitor.address);

  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await visitor.isIn();
  await expect(visitor.page).toHaveTitle(`Home · ${new URL(postern.url).host}`);
  await expect(visitor.page.getByRole('main')).toContainText(visitor.address);
});

test('a visitor who types the code from the mail is in', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  await visitor.submitsCode((await mailbox.next(visitor.address)).code);
  await visitor.isIn();
  await expect(visitor.page.getByRole('main')).toContainText(visitor.address);
});

test('the code may be typed with the space it has in the mail', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.submitsCode(`${code.slice(0, 4)} ${code.slice(4)}`);
  await visitor.isIn();
});

test('the address may be typed in capital letters', async ({ visitor, mailbox }) => {
  await visitor.asksForALink(visitor.address.toUpperCase());
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await visitor.isIn();
});

test('a wrong code is refused beside the field, and the right one still works after it', async ({ visitor, mailbox }) => {
  visitor.watch.expectRefusal(422);
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.submitsCode(wrongCode(code));
  await expect(visitor.page.locator('#code-error')).not.toBeEmpty();
  await expect(visitor.codeField).toHaveAttribute('aria-describedby', /(^| )code-error( |$)/);
  await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');

  await visitor.submitsCode(code);
  await visitor.isIn();
});

test('a malformed address is refused beside the field, and stays there to be mended', async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(visitor.page.locator('#email-error')).not.toBeEmpty();
  await expect(visitor.addressField).toHaveAttribute('aria-describedby', /(^| )email-error( |$)/);
  await expect(visitor.addressField).toHaveAttribute('aria-invalid', 'true');
  await expect(visitor.addressField).toHaveValue('alice.example.com');

  await visitor.asksHere();
});

test('the fields tell the browser what it can fill in', async ({ visitor }) => {
  await visitor.opens('/login');
  await expect(visitor.addressField).toHaveAttribute('name', 'email');
  await expect(visitor.addressField).toHaveAttribute('autocomplete', 'email');
  await visitor.asksHere();
  await expect(visitor.codeField).toHaveAttribute('name', 'code');
  await expect(visitor.codeField).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(visitor.codeField).toHaveAttribute('inputmode', 'numeric');
});

test('a visitor with a typing mistake goes back and finds the address to mend', async ({ visitor }) => {
  await visitor.asksForALink();
  await visitor.link('Wrong address?').click();
  await expect(visitor.heading('Sign in')).toBeVisible();
  await expect(visitor.addressField).toHaveValue(visitor.address);
});

test('a guarded deep link returns to where it wanted to go, by link', async ({ visitor, mailbox }) => {
  await visitor.opens('/logout?from=mail');
  await visitor.isAt('/login?next=%2Flogout%3Ffrom%3Dmail');
  await visitor.asksHere();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(visitor.heading('Sign out')).toBeVisible();
  await visitor.isAt('/logout?from=mail');
});

test('a guarded deep link returns to where it wanted to go, by code', async ({ visitor, mailbox }) => {
  await visitor.opens('/logout?from=mail');
  await visitor.asksHere();
  await visitor.submitsCode((await mailbox.next(visitor.address)).code);
  await expect(visitor.heading('Sign out')).toBeVisible();
  await visitor.isAt('/logout?from=mail');
});

test('a page that does not exist is as guarded as one that does', async ({ visitor, mailbox }) => {
  await visitor.opens('/some/page?x=1');
  await visitor.isAt('/login?next=%2Fsome%2Fpage%3Fx%3D1');
  await visitor.asksHere();
  visitor.watch.expectPageStatus(404);
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(visitor.heading('Page not found')).toBeVisible();
  await visitor.isAt('/some/page?x=1');
});

test('a deep link that leads away from this site ends at home', async ({ visitor, mailbox }) => {
  await visitor.opens('/login?next=%2F%2Felsewhere.test%2F');
  await visitor.asksHere();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await visitor.isIn();
});

test('somebody who is signed in has no use for the sign-in pages', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.opens('/login');
  await visitor.isIn();
  await visitor.opens('/login/sent');
  await visitor.isIn();
});

test('somebody who asked for nothing is not told to check the inbox', async ({ visitor }) => {
  await visitor.opens('/login/sent');
  await expect(visitor.heading('Sign in')).toBeVisible();
  await visitor.isAt('/login?notice=start_here');
  await expect(visitor.page.getByRole('status').first()).toContainText('Start here');
});

test('an address that is not on the list sees the same page and gets no mail', async ({ visitor, anotherBrowser, mailbox }) => {
  const stranger = await anotherBrowser();
  const unknown = freshAddress('elsewhere.test');
  await stranger.asksForALink(unknown);
  await visitor.asksForALink();
  const words = async (page: typeof visitor.page, address: string) =>
    (await page.getByRole('main').innerText())
      .replaceAll(address, 'THE ADDRESS')
      // Each request has a word of its own.
      .replace(/has the word [a-z]{4} /, 'has the word WORD ')
      // One of them has waited a little longer.
      .replace(/within \d:\d\d\./, 'within TIME.');
  expect(await words(stranger.page, unknown)).toBe(await words(visitor.page, visitor.address));

  // Whoever may have a mail is found out before any leaves: the visitor's has come, so the stranger's would have.
  await mailbox.next(visitor.address);
  expect(mailbox.count(unknown)).toBe(0);
});

test('an address that is not on the list cannot guess its way in', async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.asksForALink(freshAddress('elsewhere.test'));
  await visitor.submitsCode('12345678');
  await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');
  await visitor.isNotSignedIn();
});
