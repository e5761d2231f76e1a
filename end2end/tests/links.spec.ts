import { nextSecond } from '../support/clock.ts';
import { expect, test } from '../support/test.ts';
import { REFUSAL } from '../support/visitor.ts';

test('a link opened in another browser is refused there and still works where it was asked for', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);

  const other = await anotherBrowser();
  other.watch.expectRefusal(409);
  await other.clicksTheLinkIn(mail);
  await other.isRefused(REFUSAL.otherBrowser);
  // The link is gone from the address bar; without scripts it stands there as it does on the page.
  if (other.javaScript) await other.isAt('/verify?refusal=other_browser');
  await other.isNotSignedIn();

  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});

test('the link of somebody else is refused in a browser with a request of its own', async ({ visitor, anotherBrowser, mailbox }) => {
  const attacker = await anotherBrowser();
  await attacker.asksForALink();
  const bait = await mailbox.next(attacker.address);

  await visitor.asksForALink();
  visitor.watch.expectRefusal(409);
  await visitor.clicksTheLinkIn(bait);
  await visitor.isRefused(REFUSAL.otherBrowser);
  await visitor.isNotSignedIn();
});

test('a scanner that fetches the link takes nothing from the person it was sent to', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  for (const method of ['HEAD', 'GET', 'GET']) {
    expect((await fetch(mail.link, { method })).status).toBe(200);
  }
  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});

test('a scanner that runs JavaScript takes nothing from the person it was sent to', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);

  const scanner = await anotherBrowser({ javaScriptEnabled: true });
  scanner.watch.expectRefusal(409);
  await scanner.pastes(mail.link);
  await scanner.isRefused(REFUSAL.otherBrowser);
  await scanner.isNotSignedIn();

  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});

test('a scanner that presses the button takes nothing from the person it was sent to', async ({ visitor, anotherBrowser, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);

  const scanner = await anotherBrowser({ javaScriptEnabled: false });
  scanner.watch.expectRefusal(409);
  await scanner.pastes(mail.link);
  await scanner.isRefused(REFUSAL.otherBrowser);
  await scanner.isNotSignedIn();

  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});

test('the link of the mail leads whoever is in already on', async ({ visitor, mailbox }) => {
  const mail = await visitor.asksAndSignsIn(mailbox);
  await visitor.clicksTheLinkIn(mail);
  await visitor.isIn();
});

test('a link pressed while something is wrong on our side stays good', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const sentence = 'Something went wrong on our side. Wait a moment, then try again.';
  const notReady = { status: 503, json: { refusal: 'not_ready', message: sentence } };
  await visitor.page.route('**/api/redeem_link', (route) => route.fulfill(notReady), { times: 1 });
  visitor.watch.expectRefusal(503);
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(visitor.page.getByRole('alert')).toHaveText(sentence);
  await visitor.button('Sign in').click();
  await visitor.isIn();
});

test('pressing the button of a link twice signs in', { tag: '@without-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  await visitor.opens((await mailbox.next(visitor.address)).link);
  // The first answer, which has signed the visitor in, is held back until the second press has thrown it away.
  let nowAnswered = () => {};
  let nowPressedAgain = () => {};
  const answered = new Promise<void>((resolve) => (nowAnswered = resolve));
  const pressedAgain = new Promise<void>((resolve) => (nowPressedAgain = resolve));
  let presses = 0;
  await visitor.page.route('**/api/redeem_link', async (route) => {
    if (++presses === 2) nowPressedAgain();
    const answer = await route.fetch({ maxRedirects: 0 });
    nowAnswered();
    await pressedAgain;
    await route.fulfill({ response: answer }).catch(() => {});
  });
  // The browser drops what is pressed before the page is first drawn.
  await visitor.button('Sign in').click({ trial: true });
  // The mouse itself: a click() of the button would wait for the navigation to end.
  const button = (await visitor.button('Sign in').boundingBox())!;
  const press = () => visitor.page.mouse.click(button.x + button.width / 2, button.y + button.height / 2);
  await press();
  await answered;
  await press();
  await visitor.isIn();
  expect(presses).toBe(2);
});

test('where the button to sign in was there is none to sign out', { tag: '@without-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  await visitor.opens((await mailbox.next(visitor.address)).link);
  const signIn = await visitor.button('Sign in').boundingBox();
  await visitor.button('Sign in').click();
  await visitor.isIn();
  const signOut = await visitor.button('Sign out').boundingBox();
  expect(signOut!.y).toBeGreaterThan(signIn!.y + signIn!.height);
});

test('a used link lets nobody in after signing out', async ({ visitor, mailbox }) => {
  const mail = await visitor.asksAndSignsIn(mailbox);
  await visitor.signsOut();
  // The browser has forgotten its request: to it this is a used link or one from elsewhere.
  visitor.watch.expectRefusal(409, 410);
  await visitor.clicksTheLinkIn(mail);
  await expect(visitor.button(/^Start here instead/)).toBeVisible();
  await visitor.isNotSignedIn();
});

test('using the code voids the link of the same mail', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  await visitor.submitsCode(mail.code);
  await visitor.isIn();
  await visitor.signsOut();
  visitor.watch.expectRefusal(409);
  await visitor.clicksTheLinkIn(mail);
  await visitor.isRefused(REFUSAL.otherBrowser);
  await visitor.isNotSignedIn();
});

test('a mail sent again voids the one before, and works itself', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const older = await mailbox.next(visitor.address);
  await nextSecond();
  await visitor.asksAgain();
  const newer = await mailbox.next(visitor.address);
  expect(newer.link).not.toBe(older.link);

  visitor.watch.expectRefusal(410);
  await visitor.clicksTheLinkIn(older);
  await visitor.isRefused(REFUSAL.newer);
  await visitor.clicksTheLinkIn(newer);
  await visitor.isIn();
});

test('the code of a mail sent again works, and the one before does not', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const older = await mailbox.next(visitor.address);
  await nextSecond();
  await visitor.asksAgain();
  const newer = await mailbox.next(visitor.address);

  visitor.watch.expectRefusal(422);
  await visitor.submitsCode(older.code);
  await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');
  await visitor.submitsCode(newer.code);
  await visitor.isIn();
});

for (const [name, token] of [['without a token', ''], ['that was cut off', '?token=half-a-link']] as const) {
  test(`a link ${name} is refused at once, with a way to a new one`, async ({ visitor }) => {
    visitor.watch.expectPageStatus(422);
    await visitor.opens(`/verify${token}`);
    await visitor.isRefused(REFUSAL.incomplete);
    await visitor.link('Ask for a new link').click();
    await expect(visitor.heading('Sign in')).toBeVisible();
  });
}

test('a link somebody has tampered with is refused', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { link } = await mailbox.next(visitor.address);
  visitor.watch.expectPageStatus(422);
  await visitor.opens(link.replace('visitor-', 'admin-'));
  await visitor.isRefused(REFUSAL.incomplete);
  await visitor.isNotSignedIn();
});
