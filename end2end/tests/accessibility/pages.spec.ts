import { theToolsFindNothing } from '../../support/accessibility.ts';
import { places } from '../../support/places.ts';
import { expect, test } from '../../support/test.ts';

for (const { name, arrive } of places) {
  test(`the tools find nothing on ${name}`, async ({ visitor, mailbox, anotherBrowser }) => {
    await arrive(visitor, { mailbox, anotherBrowser });
    await visitor.waitsForScripts();
    await theToolsFindNothing(visitor);
  });
}

test('the tools find nothing on the page that waits for the button', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { link } = await mailbox.next(visitor.address);
  await visitor.page.route('**/*.wasm', () => {}); // Never answered: the page does not go on by itself.
  await visitor.opens(link);
  await expect(visitor.heading('Almost there')).toBeVisible();
  await theToolsFindNothing(visitor);
  await visitor.page.close();
});
