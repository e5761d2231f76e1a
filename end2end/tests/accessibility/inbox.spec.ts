import { theToolsFindNothing } from '../../support/accessibility.ts';
import { test } from '../../support/test.ts';

test.use({ settings: { LEPTOS_ENV: 'DEV', EMAIL_BACKEND: 'console' } });

test('the tools find nothing on the development inbox', async ({ visitor }) => {
  await visitor.opens('/dev/inbox');
  await theToolsFindNothing(visitor);
  await visitor.asksForALink();
  await visitor.findsTheMailInTheInbox();
  await theToolsFindNothing(visitor);
});
