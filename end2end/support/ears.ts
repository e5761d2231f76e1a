/** What a screen reader says by itself: every text that a live region of a page takes on, in its order. */
import type { Page } from '@playwright/test';

/** Listens from the next page on. Gives back what has been said on the one that is open. */
export async function listens(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { postern_said: said });
    const live = '[role=alert], [role=status], [role=log], [aria-live]:not([aria-live=off])';
    new MutationObserver((changes) => {
      const regions = new Set<Element>();
      for (const { target } of changes) {
        const region = (target instanceof Element ? target : target.parentElement)?.closest(live);
        if (region?.isConnected) regions.add(region);
      }
      for (const region of regions) {
        const text = region.textContent?.trim();
        // The page that has just been read is not said again.
        if (text && document.readyState === 'complete') said.push(text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { postern_said: string[] }).postern_said);
}
