/** Takes a picture of every page that it is given, as a whole, into end2end/screenshots/. */
import { join } from 'node:path';
import type { Place } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import type { Visitor } from '../../support/visitor.ts';

export const FOLDER = join(import.meta.dirname, '../../screenshots');

/** Declares a test for each place: its pictures. */
export function takePictures(places: Place[]): void {
  for (const { name, arrive } of places) {
    test(name, async ({ visitor, mailbox, anotherBrowser, postern }) => {
      await arrive(visitor, { mailbox, anotherBrowser, postern });
      await takePicture(visitor, name);
    });
  }
}

export async function takePicture(visitor: Visitor, name: string): Promise<void> {
  await visitor.waitsForScripts();
  // Not Playwright's own `fullPage`: Chromium draws the frame with a mail as it was before the window grew.
  const width = visitor.page.viewportSize()?.width ?? 0;
  const height = await visitor.page.evaluate(() => document.documentElement.scrollHeight);
  await visitor.page.setViewportSize({ width, height });
  const file = `${name.replace(/^the /, '').replaceAll(/[^a-z0-9]+/g, '-')}.png`;
  await visitor.page.screenshot({ path: join(FOLDER, test.info().project.name, file) });
}
