import { isForEverybody } from '../../support/accessibility.ts';
import { operators } from '../../support/places.ts';
import { test } from '../../support/test.ts';

test.use({ settings: operators.settings });

for (const { name, arrive } of operators.places) {
  test(`${name} is for everybody`, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await visitor.waitsForScripts();
    await isForEverybody(visitor);
  });
}
