import { nothingIsOutOfPlace } from '../../support/layout.ts';
import { readPlaces, reads } from '../../support/languages.ts';
import { expect, test } from '../../support/test.ts';

// The pseudo-language: English with mirrored words, from right to left.
test.use({ settings: { LANGUAGES: 'en,ar-XB' }, viewport: { width: 320, height: 640 } });

for (const { name, arrive } of readPlaces) {
  test(`a language from right to left has its place on ${name}`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await reads(visitor, 'ar-XB');
    await expect(visitor.page.locator('html')).toHaveAttribute('dir', 'rtl');
    await nothingIsOutOfPlace(visitor.page);
  });
}

test('text begins at the right, and addresses still run from left to right', async ({ visitor }) => {
  await visitor.opens('/login');
  await reads(visitor, 'ar-XB');
  const sides = await visitor.page.evaluate(() => {
    const text = document.createRange();
    text.selectNodeContents(document.querySelector('h1')!);
    const card = document.querySelector('.card')!.getBoundingClientRect();
    const heading = text.getBoundingClientRect();
    const field = getComputedStyle(document.querySelector('#email')!);
    return { left: heading.left - card.left, right: card.right - heading.right, field: [field.direction, field.textAlign] };
  });
  expect(sides.right).toBeLessThan(sides.left);
  expect(sides.field).toEqual(['ltr', 'end']);
});
