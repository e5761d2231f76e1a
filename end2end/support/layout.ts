/** What a reader would find wrong with the layout of a page: parts that do not fit, are cut off, or lie on one another. */
import { expect, type Page } from '@playwright/test';

/** Nothing of the page scrolls sideways, is cut off or overlaps. */
export async function nothingIsOutOfPlace(page: Page): Promise<void> {
  expect(await page.evaluate(faults), page.url()).toEqual([]);
}

/** Runs in the page. */
function faults(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth} pixels wide`] : [];
  const name = (element: Element) => `<${element.localName}> ${element.textContent.trim().slice(0, 60)}`;
  const hasText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
  // What is read or pressed. The skip link lies above everything until it has the focus.
  const parts = [...document.body.querySelectorAll('*')].filter(
    (element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      !element.matches('.skip, script, style') &&
      (hasText(element) || element.matches('input:not([type=hidden]), button, svg, iframe')),
  );
  for (const part of parts) {
    const { left, right } = part.getBoundingClientRect();
    if (left < 0 || right > clientWidth) found.push(`beside the window: ${name(part)}`);
    // An input scrolls what is typed, and what is inline has no width of its own.
    if (!part.matches('input') && part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1) {
      found.push(`cut off: ${name(part)}`);
    }
  }
  // The lines of each, so that a link within a paragraph is not taken for all of it.
  const lines = parts.map((part) => [...part.getClientRects()]);
  const meet = (one: DOMRect, other: DOMRect) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
  parts.forEach((one, index) =>
    parts.forEach((other, after) => {
      if (after <= index || one.contains(other)) return;
      // Lines of one paragraph may touch: they share its leading.
      if (one.parentElement === other.parentElement && getComputedStyle(one).display === 'inline') return;
      if (lines[index]?.some((line) => lines[after]?.some((another) => meet(line, another)))) {
        found.push(`on one another: ${name(one)} and ${name(other)}`);
      }
    }),
  );
  return found;
}
