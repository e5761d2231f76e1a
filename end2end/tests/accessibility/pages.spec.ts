import { isForEverybody } from '../../support/accessibility.ts';
import { places } from '../../support/places.ts';
import { expect, test } from '../../support/test.ts';

for (const { name, arrive } of places) {
  test(`${name} is for everybody`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await visitor.waitsForScripts();
    await isForEverybody(visitor);
  });
}

test('the page behind the link is for everybody while it signs in', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { link } = await mailbox.next(visitor.address);
  await visitor.page.route('**/api/redeem_link', () => {}); // Never answered: the page does not go on by itself.
  await visitor.opens(link);
  await expect(visitor.heading('Almost there')).toBeVisible();
  await visitor.waitsForScripts();
  await isForEverybody(visitor);
  await visitor.page.close();
});
