import { nothingIsOutOfPlace } from '../../support/layout.ts';
import { LANGUAGES, readPlaces, reads } from '../../support/languages.ts';
import { expect, test } from '../../support/test.ts';

test.describe('in a window 320 pixels wide', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  for (const { name, arrive } of readPlaces) {
    test(`every language has its place on ${name}`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
      await arrive(visitor, { mailbox, anotherBrowser, postern });
      const headings = new Set<string | null>();
      for (const { code, name } of LANGUAGES) {
        await reads(visitor, code);
        await expect(visitor.page.locator('html')).toHaveAttribute('dir', 'ltr');
        await expect(visitor.page.getByRole('contentinfo').locator('[aria-current]')).toHaveText(name);
        headings.add(await visitor.page.getByRole('heading', { level: 1 }).textContent());
        await nothingIsOutOfPlace(visitor.page);
      }
      expect(headings.size, [...headings].join(', ')).toBe(LANGUAGES.length);
    });
  }
});
