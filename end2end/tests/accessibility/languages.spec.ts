import { theToolsFindNothing } from '../../support/accessibility.ts';
import { nothingIsOutOfPlace } from '../../support/layout.ts';
import { LANGUAGES, readPlaces, reads } from '../../support/languages.ts';
import { expect, test } from '../../support/test.ts';

const viewport = { width: 320, height: 640 };

test.describe('in a window 320 pixels wide', () => {
  test.use({ viewport });

  for (const { name, arrive } of readPlaces) {
    test(`every language has its place on ${name}, and the tools find nothing`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
      test.slow(); // Three tools in four languages.
      await arrive(visitor, { mailbox, anotherBrowser, postern });
      const headings = new Set<string | null>();
      for (const { code, name } of LANGUAGES) {
        await reads(visitor, code);
        await expect(visitor.page.locator('html')).toHaveAttribute('dir', 'ltr');
        await expect(visitor.page.getByRole('contentinfo').locator('[aria-current]')).toHaveText(name);
        headings.add(await visitor.page.getByRole('heading', { level: 1 }).textContent());
        await nothingIsOutOfPlace(visitor.page);
        // No colour depends on a language, and in English the pages are looked at in more ways (pages.spec.ts).
        if (code !== 'en') await theToolsFindNothing(visitor, [{ colorScheme: 'light', viewport }]);
      }
      expect(headings.size, [...headings].join(', ')).toBe(LANGUAGES.length);
    });
  }
});
