import { isForEverybody } from '../../support/accessibility.ts';
import { expect, test } from '../../support/test.ts';

test.use({ settings: { LIMIT_NETWORK: '1 per 1h' } });

test('the page that says to wait is for everybody', async ({ visitor, anotherBrowser }) => {
  const other = await anotherBrowser();
  await other.asksForALink();
  visitor.watch.expectRefusal(429);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(visitor.page.getByRole('main')).toContainText(/Wait \d+ minutes/);
  await isForEverybody(visitor);
});
