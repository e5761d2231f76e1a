import { axeFindsNothing } from '../../support/accessibility.ts';
import { expect, test } from '../../support/test.ts';

test.use({ settings: { LIMIT_ADDRESS_GAP: undefined } });

test('axe finds nothing on the page that says to wait', async ({ visitor, anotherBrowser }) => {
  const other = await anotherBrowser();
  await other.asksForALink(visitor.address);
  visitor.watch.expectRefusal(429);
  await visitor.opens('/login');
  await visitor.submitsAddress();
  await expect(visitor.page.getByRole('main')).toContainText(/Wait \d+ seconds/);
  await axeFindsNothing(visitor);
});
