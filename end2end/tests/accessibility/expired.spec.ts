import { isForEverybody } from '../../support/accessibility.ts';
import { clockPasses } from '../../support/clock.ts';
import { expect, test } from '../../support/test.ts';
import { REFUSAL } from '../../support/visitor.ts';

test.use({ settings: { LINK_MAX_AGE: '3' } });

test('the refusal of an expired link is for everybody', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { link } = await mailbox.next(visitor.address);
  await clockPasses(Date.now() + 4000);
  visitor.watch.expectPageStatus(410);
  await visitor.opens(link);
  await visitor.isRefused(REFUSAL.expired);
  await isForEverybody(visitor);
});

test('the page that offers a new mail is for everybody', async ({ visitor }) => {
  await visitor.asksForALink();
  await clockPasses(Date.now() + 4000);
  await visitor.opens('/login/sent');
  await expect(visitor.button('Send a new mail')).toBeVisible();
  await isForEverybody(visitor);
});
