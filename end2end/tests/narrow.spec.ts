import { fits, NARROWEST } from '../support/everybody.ts';
import { places } from '../support/places.ts';
import { test } from '../support/test.ts';

// With scripts, tests/accessibility/ looks at the same.
for (const { name, arrive } of places) {
  test(`${name} fits a window 320 pixels wide`, { tag: '@without-javascript' }, async ({ visitor, mailbox, anotherBrowser, postern }) => {
    await arrive(visitor, { mailbox, anotherBrowser, postern });
    await fits(visitor.page, NARROWEST);
  });
}
