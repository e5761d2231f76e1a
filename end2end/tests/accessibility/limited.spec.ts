import { isForEverybody } from '../../support/accessibility.ts';
import { limited } from '../../support/places.ts';
import { test } from '../../support/test.ts';

test.use({ settings: limited.settings });

for (const { name, arrive } of limited.places) {
  test(`${name} is for everybody`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await visitor.waitsForScripts();
    await isForEverybody(visitor);
  });
}
