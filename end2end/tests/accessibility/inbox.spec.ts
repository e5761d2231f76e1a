import { axeFindsNothing } from '../../support/accessibility.ts';
import { test } from '../../support/test.ts';

test.use({ settings: { LEPTOS_ENV: 'DEV', EMAIL_BACKEND: 'console' } });

test('axe finds nothing on the development inbox', async ({ visitor }) => {
  await visitor.opens('/dev/inbox');
  await axeFindsNothing(visitor);
  await visitor.asksForALink();
  await visitor.findsTheMailInTheInbox();
  await axeFindsNothing(visitor);
});
