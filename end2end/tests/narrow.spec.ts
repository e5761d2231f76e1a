import { places } from '../support/places.ts';
import { expect, test } from '../support/test.ts';

test.use({ viewport: { width: 320, height: 640 } });

for (const { name, arrive } of places) {
  test(`${name} fits a window 320 pixels wide`, async ({ visitor, mailbox, anotherBrowser }) => {
    await arrive(visitor, { mailbox, anotherBrowser });
    const { scrollWidth, clientWidth } = await visitor.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
  });
}
