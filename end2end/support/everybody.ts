/** What a page owes to whoever has a small screen, large letters, a keyboard or colours of their own. */
import { expect, type Page } from '@playwright/test';

/** The width of a window of 1280 pixels at 400 %, the narrowest that WCAG 1.4.10 asks for. */
export const NARROWEST = { width: 320, height: 640 };

/** What a window of 1280 x 720 pixels at 200 % has room for. */
export const HALF = { width: 640, height: 360 };

/** The page has no more width than its window, and no text is cut off. */
export async function fits(page: Page, window: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(window);
  const { tooWide, cut } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    // What is typed scrolls within its field.
    const hides = (element: Element) => element.tagName !== 'INPUT' && /hidden|clip/.test(getComputedStyle(element).overflow);
    const unseen = (element: Element) => getComputedStyle(element).position === 'absolute'; // For ears alone.
    const cut = [...document.querySelectorAll('main *')].filter(
      (element) => hides(element) && !unseen(element) && element.scrollWidth > element.clientWidth + 1,
    );
    return { tooWide: scrollWidth - clientWidth, cut: cut.map((element) => element.outerHTML.slice(0, 200)) };
  });
  expect({ tooWide, cut }, `in a window of ${window.width} x ${window.height}`).toEqual({ tooWide: 0, cut: [] });
}

/**
 * The Tab key goes through all that can be pressed or filled in, in the order in which it stands there, and each stop is
 * seen: it has a frame, and is in the window as a whole.
 */
export async function tabStopsAreSeen(page: Page): Promise<void> {
  const stops = page.locator('a[href], button:enabled, input:not([type=hidden]), summary, iframe').filter({ visible: true });
  const expected = await stops.evaluateAll((elements) => elements.map((element) => element.outerHTML.slice(0, 120)));
  // From the beginning of the page, wherever autofocus has led.
  await page.evaluate(() => {
    const beginning = document.createElement('span');
    beginning.tabIndex = -1;
    document.body.prepend(beginning);
    beginning.focus();
  });
  const met: string[] = [];
  const unseen: string[] = [];
  while (met.length < expected.length) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))); // It scrolls there first.
      const element = document.activeElement!;
      const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
      const { top, bottom, height } = element.getBoundingClientRect();
      const framed = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
      const frame = parseFloat(outlineWidth) + parseFloat(outlineOffset);
      const inWindow = height > innerHeight || (top >= frame && bottom <= innerHeight - frame);
      return { html: element.outerHTML.slice(0, 120), isFrame: element.tagName === 'IFRAME', framed, inWindow };
    });
    met.push(stop.html);
    if (!stop.isFrame && !(stop.framed && stop.inWindow)) unseen.push(JSON.stringify(stop));
    if (stop.isFrame) break; // The next stops belong to the mail in it.
  }
  expect(met).toEqual(expected.slice(0, met.length));
  expect(unseen).toEqual([]);
}

/** What is pressed is 44 pixels high and wide (WCAG 2.5.5), but for a link within a sentence. */
export async function targetsAreLarge(page: Page): Promise<void> {
  const small = await page.locator('a[href], button, input:not([type=hidden]), summary').filter({ visible: true }).evaluateAll((targets) =>
    targets
      .filter((target) => {
        const { width, height } = target.getBoundingClientRect();
        return getComputedStyle(target).display !== 'inline' && (width < 44 || height < 44);
      })
      .map((target) => target.outerHTML.slice(0, 120)),
  );
  expect(small).toEqual([]);
}

/** Whatever is a box has a border where the colours are not ours. */
export async function boxesStayBoxes(page: Page): Promise<void> {
  await page.emulateMedia({ forcedColors: 'active' });
  const lost = await page.locator('.button, input:not([type=hidden]), .notice, .badge, .card').filter({ visible: true }).evaluateAll((boxes) =>
    boxes
      .filter((box) => {
        const { borderTopStyle, borderTopWidth, borderTopColor } = getComputedStyle(box);
        const canvas = getComputedStyle(document.body).backgroundColor;
        return borderTopStyle === 'none' || parseFloat(borderTopWidth) < 1 || borderTopColor === canvas;
      })
      .map((box) => box.outerHTML.slice(0, 120)),
  );
  await page.emulateMedia({ forcedColors: null });
  expect(lost).toEqual([]);
}

/** Whoever wants less movement sees nothing move. */
export async function nothingMoves(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const moving = await page.evaluate(() => document.getAnimations().map((animation) => (animation as CSSAnimation).animationName));
  await page.emulateMedia({ reducedMotion: null });
  expect(moving).toEqual([]);
}
