import { listens } from '../support/ears.ts';
import { expect, test } from '../support/test.ts';
import { wrongCode } from '../support/visitor.ts';

// Without scripts a refusal is a page of its own, and read as one.

test('a malformed address is said once', { tag: '@with-javascript' }, async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  const said = await listens(visitor.page);
  await visitor.opens('/login');
  await visitor.submitsAddress('alice.example.com');
  await expect(visitor.page.getByRole('alert')).toHaveText(/There is no @ in it/);
  const about = (await said()).filter((text) => text.includes('@'));
  expect(about).toHaveLength(1);
});

test('a wrong code is said once', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  visitor.watch.expectRefusal(422);
  const said = await listens(visitor.page);
  await visitor.asksForALink();
  await visitor.submitsCode(wrongCode((await mailbox.next(visitor.address)).code));
  await expect(visitor.page.locator('#code-error')).toHaveText(/not the code/);
  const about = (await said()).filter((text) => text.includes('not the code'));
  expect(about).toHaveLength(1);
});

test('that a form is at work is said once, and what came of it once', { tag: '@with-javascript' }, async ({ visitor }) => {
  const said = await listens(visitor.page);
  await visitor.page.route('**/api/request_link', (route) =>
    route.fulfill({ status: 503, json: { refusal: 'not_ready', message: 'Something went wrong on our side.' } }),
  );
  visitor.watch.expectRefusal(503);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(visitor.page.getByRole('alert')).toHaveText('Something went wrong on our side.');
  expect(await said()).toEqual(['One moment…', 'Something went wrong on our side.']);
});

test('a wait is said once, while its seconds are counted for the eyes', { tag: '@with-javascript' }, async ({ visitor }) => {
  const said = await listens(visitor.page);
  await visitor.page.clock.install();
  await visitor.page.route('**/api/request_link', (route) =>
    route.fulfill({ status: 429, json: { refusal: 'limited', retry_after: 60, message: 'That was too often.' } }),
  );
  visitor.watch.expectRefusal(429);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  const button = visitor.button(/^Send me a link/);
  await expect(button).toHaveText(/[01]:\d\d$/);
  const first = await button.innerText();
  await visitor.page.clock.runFor(5_000);
  await expect(button).not.toHaveText(first);
  expect((await said()).filter((text) => text.includes('too often'))).toHaveLength(1);
  expect((await said()).filter((text) => /\d:\d\d/.test(text))).toEqual([]);
});

test('the fields say what they are for, and what has happened', async ({ visitor }) => {
  await visitor.opens('/login');
  await expect(visitor.addressField).toHaveAccessibleDescription(/Open the link in this browser/);
  await visitor.asksHere();
  // The focus is there at once: where the mail went is not passed over.
  await expect(visitor.codeField).toHaveAccessibleDescription(new RegExp(`If ${visitor.address} may sign in`));
  await expect(visitor.codeField).toHaveAccessibleDescription(/Never give the code to anybody/);
});
