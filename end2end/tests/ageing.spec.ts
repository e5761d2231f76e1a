import { expect, test } from '../support/test.ts';
import { REFUSAL } from '../support/visitor.ts';

test.describe('in the browser of a visitor whose time flies', { tag: '@with-javascript' }, () => {
  test('the page counts down to the end of the mail, and offers a new one then', async ({ visitor }) => {
    await visitor.page.clock.install();
    await visitor.asksForALink();
    await visitor.waitsForScripts();
    const timer = visitor.page.getByRole('timer');
    await expect(timer).toHaveText(/^(5:00|4:\d\d)$/);
    // A laptop that was closed: no tick came, and the clock is right all the same.
    await visitor.page.clock.fastForward('03:00');
    await expect(timer).toHaveText(/^[12]:\d\d$/);
    await visitor.page.clock.fastForward('02:00');
    await expect(visitor.heading(REFUSAL.expired)).toBeFocused();
    await expect(visitor.codeField).toHaveCount(0);
    await expect(visitor.button('Send a new mail')).toBeVisible();
    await expect(visitor.page.locator('main').getByRole('button')).toHaveCount(1);
  });

  test('nothing is announced while it counts', async ({ visitor }) => {
    await visitor.page.clock.install();
    await visitor.asksForALink();
    await visitor.waitsForScripts();
    const live = visitor.page.locator('[role=status], [role=alert], [aria-live]');
    const before = await live.allInnerTexts();
    await visitor.page.clock.runFor('00:30');
    expect(await live.allInnerTexts()).toEqual(before);
    expect(await visitor.page.getByRole('timer').evaluate((timer) => timer.closest('[aria-live], [role=status], [role=alert]'))).toBeNull();
  });

  test('what is under way at the end is answered first', async ({ visitor }) => {
    await visitor.page.clock.install();
    await visitor.asksForALink();
    await visitor.waitsForScripts();
    let answer = () => {};
    const released = new Promise<void>((resolve) => (answer = resolve));
    await visitor.page.route('**/api/redeem_code', async (route) => {
      await released;
      await route.fulfill({ status: 410, json: { refusal: 'expired', message: 'This has expired. Ask for a new link.' } });
    });
    visitor.watch.expectRefusal(410);
    await visitor.page.clock.fastForward('04:55');
    const asked = visitor.page.waitForRequest('**/api/redeem_code');
    await visitor.codeField.fill('12345678');
    await asked;
    await visitor.page.clock.fastForward('00:08');
    await visitor.isToldToCheckTheInbox();
    answer();
    await expect(visitor.button('Sign in')).toBeVisible();
    await visitor.page.clock.runFor('00:02');
    await expect(visitor.heading(REFUSAL.expired)).toBeVisible();
  });
});

test('the page says how long the mail is good', async ({ visitor }) => {
  await visitor.asksForALink();
  const lifetime = visitor.javaScript ? /within (5:00|4:\d\d)\./ : /within [45] minutes\./;
  await expect(visitor.page.locator('#lead')).toContainText(lifetime, { useInnerText: true });
});

test('after half a minute the page says where else to look, and nothing moves', async ({ visitor }) => {
  await visitor.asksForALink();
  const hint = visitor.page.getByText('Look in the spam folder, too.');
  const card = visitor.page.locator('.card');
  const at = (seconds: number) =>
    hint.evaluate((element, seconds) => {
      for (const animation of element.getAnimations()) {
        animation.pause();
        animation.currentTime = seconds * 1_000;
      }
    }, seconds);
  await at(29);
  await expect(hint).toBeHidden();
  const before = await card.boundingBox();
  await at(30);
  await expect(hint).toBeVisible();
  expect(await card.boundingBox()).toEqual(before);
});
