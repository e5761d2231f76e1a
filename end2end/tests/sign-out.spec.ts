import { expect, test } from '../support/test.ts';

test('signing out at home ends the session and says so', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.signsOut();
  await expect(visitor.page.getByRole('status').first()).toContainText('You are signed out.');
  await visitor.isNotSignedIn();
});

test('signing out on the sign-out page ends the session and says so', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.opens('/logout');
  await expect(visitor.heading('Sign out')).toBeVisible();
  await visitor.signsOut();
  await expect(visitor.page.getByRole('status').first()).toContainText('You are signed out.');
  await visitor.isNotSignedIn();
});

test('somebody who opens the sign-out page may stay', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.opens('/logout');
  await visitor.link('Stay signed in').click();
  await visitor.isIn();
});

test('signing out in one browser leaves the other signed in', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  const other = await anotherBrowser();
  await other.asksForALink(visitor.address);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isIn();

  await visitor.signsOut();
  await other.page.reload();
  await other.isIn();
});

test('somebody who signed out can sign in again', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await visitor.signsOut();
  await visitor.asksAndSignsIn(mailbox);
});
