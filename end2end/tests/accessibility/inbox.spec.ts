import { isForEverybody } from '../../support/accessibility.ts';
import { test } from '../../support/test.ts';

test.use({ settings: { LEPTOS_ENV: 'DEV', EMAIL_BACKEND: 'console' } });

test('the development inbox is for everybody', async ({ visitor }) => {
  await visitor.opens('/dev/inbox');
  await isForEverybody(visitor);
  await visitor.asksForALink();
  await visitor.findsTheMailInTheInbox();
  await isForEverybody(visitor);
});
