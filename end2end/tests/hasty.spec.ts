import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

/** Keeps the WebAssembly of this page on the way; gives back what lets it through. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await released;
    await route.continue().catch(() => {}); // The page that asked may be gone.
  });
  return release;
}

test('a visitor who is quicker than the download of the scripts gets in', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  const release = await holdScripts(visitor.page);
  await visitor.opens('/login');
  await visitor.addressField.fill(visitor.address);
  await visitor.button('Send me a link').click();
  await visitor.isToldToCheckTheInbox();
  await visitor.opens((await mailbox.next(visitor.address)).link);
  await expect(visitor.heading('Almost there')).toBeVisible();
  await visitor.button('Sign in').click();
  await visitor.isIn();
  release();
});

test('a visitor who is quicker than the download of the scripts gets in by code', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  const release = await holdScripts(visitor.page);
  await visitor.opens('/login');
  await visitor.addressField.fill(visitor.address);
  await visitor.button('Send me a link').click();
  await visitor.isToldToCheckTheInbox();
  await visitor.codeField.fill((await mailbox.next(visitor.address)).code);
  await visitor.isIn();
  release();
});

test('what was typed before the scripts came alive is still there and counts', { tag: '@with-javascript' }, async ({ visitor }) => {
  const release = await holdScripts(visitor.page);
  await visitor.opens('/login');
  await visitor.addressField.fill(visitor.address);
  release();
  await visitor.waitsForScripts();
  await expect(visitor.addressField).toHaveValue(visitor.address);
  await visitor.button('Send me a link').click();
  await visitor.isToldToCheckTheInbox();
  await expect(visitor.page.getByRole('main')).toContainText(visitor.address);
});

test('two presses before the scripts come alive send one mail', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  const release = await holdScripts(visitor.page);
  await visitor.opens('/login');
  await visitor.addressField.fill(visitor.address);
  await visitor.button('Send me a link').dblclick({ noWaitAfter: true });
  await visitor.isToldToCheckTheInbox();
  const mail = await mailbox.next(visitor.address);
  release();
  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
  expect(mailbox.count(visitor.address)).toBe(1);
});
