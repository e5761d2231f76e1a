import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isForEverybody } from '../../support/accessibility.ts';
import { expect, test } from '../../support/test.ts';

// A server of its own: its database is destroyed.
test.use({ settings: { LINK_MAX_AGE: '299' } });

test('the page that says that something went wrong is for everybody', async ({ visitor, postern }) => {
  await visitor.asksForALink();
  visitor.watch.expectPageStatus(503);
  await expect(async () => {
    for (const name of ['postern.sqlite3', 'postern.sqlite3-wal']) await truncate(join(postern.folder, name));
    await visitor.opens('/login/sent');
    await expect(visitor.heading('Something went wrong')).toBeVisible({ timeout: 500 });
  }).toPass();
  await isForEverybody(visitor);
});
