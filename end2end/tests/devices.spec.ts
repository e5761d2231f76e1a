import type { Locator } from '@playwright/test';
import type { Visitor } from '../support/visitor.ts';
import { expect, test } from '../support/test.ts';

// People are told of new browsers, as it is out of the box.
test.use({ settings: { NEW_DEVICE_MAILS: undefined } });

/** The devices on the page that is open. */
function devices(visitor: Visitor): Locator {
  return visitor.page.getByRole('main').getByRole('listitem');
}

async function opensDevices(visitor: Visitor): Promise<void> {
  await visitor.opens('/');
  await visitor.link('Your devices').click();
  await expect(visitor.heading('Your devices')).toBeVisible();
}

test('home says on how many devices one is signed in, and leads to them', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await expect(visitor.page.getByText('Signed in on this device only.')).toBeVisible();
  await mailbox.next(visitor.address); // It tells of the new browser.
  const other = await anotherBrowser();
  await other.asksForALink(visitor.address);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isIn();
  await expect(other.page.getByText('Signed in on 2 devices.')).toBeVisible();

  await opensDevices(visitor);
  await expect(devices(visitor)).toHaveCount(2);
  await expect(devices(visitor).first()).toContainText('This device');
  await expect(devices(visitor).last()).not.toContainText('This device');
  await expect(devices(visitor).last().locator('time').first()).toHaveText('just now');
  await visitor.link('Back to the start').click();
  await visitor.isIn();
});

test('signing another device out ends it at its next step, and says so', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await mailbox.next(visitor.address);
  const other = await anotherBrowser();
  await other.asksForALink(visitor.address);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isIn();

  await opensDevices(visitor);
  await devices(visitor).last().getByRole('button', { name: 'Sign out' }).click();
  await expect(visitor.page.getByRole('status')).toContainText('That device is signed out.');
  await expect(devices(visitor)).toHaveCount(1);
  await expect(visitor.button('Sign out all other devices')).toHaveCount(0);
  await other.page.reload();
  await expect(other.heading('Sign in')).toBeVisible();
  await visitor.opens('/');
  await visitor.isIn();
});

test('one button signs out all devices but this one', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await mailbox.next(visitor.address);
  const others = [await anotherBrowser(), await anotherBrowser()];
  for (const other of others) {
    await other.asksForALink(visitor.address);
    await other.clicksTheLinkIn(await mailbox.next(visitor.address));
    await other.isIn();
    await mailbox.next(visitor.address);
  }
  await opensDevices(visitor);
  await expect(devices(visitor)).toHaveCount(3);
  await visitor.button('Sign out all other devices').click();
  await expect(visitor.page.getByRole('status')).toContainText('All other devices are signed out.');
  await expect(devices(visitor)).toHaveCount(1);
  for (const other of others) {
    await other.page.reload();
    await expect(other.heading('Sign in')).toBeVisible();
  }
});

test('signing this device out among the devices is signing out', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await opensDevices(visitor);
  await visitor.signsOut();
  await expect(visitor.page.locator('.notice')).toHaveText('You are signed out.');
  await visitor.isNotSignedIn();
});

test('a new browser is told of by mail, and a known one is not', async ({ visitor, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  const told = await mailbox.next(visitor.address);
  expect(told.parsed.subject).toMatch(/^New sign-in to localhost(:\d+)?: Chrome on \w+$/);
  expect([told.link, told.code]).toEqual(['', '']);
  await visitor.signsOut();
  await visitor.asksAndSignsIn(mailbox);
  await visitor.signsOut();
  await visitor.asksForALink();
  // The third mail that signs in comes after all that the second sign-in could have caused.
  await mailbox.next(visitor.address);
  expect(mailbox.count(visitor.address)).toBe(4);
});

test('the link of that mail leads past the sign-in to the devices', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  const told = await mailbox.next(visitor.address);
  const link = String(told.parsed.text).match(/^https?:\/\/\S+\/sessions$/m)?.[0] ?? '';
  const reader = await anotherBrowser();
  await reader.opens(link);
  await reader.asksHere(visitor.address);
  await reader.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(reader.heading('Your devices')).toBeVisible();
  await expect(devices(reader)).toHaveCount(2);
});

test('the devices can be ended by keyboard, and each button says which it ends', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  await mailbox.next(visitor.address);
  const other = await anotherBrowser();
  await other.asksForALink(visitor.address);
  await other.clicksTheLinkIn(await mailbox.next(visitor.address));
  await other.isIn();
  await opensDevices(visitor);
  const button = devices(visitor).last().getByRole('button', { name: 'Sign out' });
  await expect(button).toHaveAccessibleDescription(/ on \w+ Last seen just now/);
  await visitor.tabsTo(button);
  await visitor.page.keyboard.press('Enter');
  await expect(visitor.page.getByRole('status')).toContainText('That device is signed out.');
});
