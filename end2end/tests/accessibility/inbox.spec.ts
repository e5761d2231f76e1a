import { isForEverybody } from '../../support/accessibility.ts';
import { development } from '../../support/places.ts';
import { test } from '../../support/test.ts';

test.use({ settings: development.settings });

for (const { name, arrive } of development.places) {
  test(`${name} is for everybody`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await visitor.waitsForScripts();
    await isForEverybody(visitor);
  });
}
