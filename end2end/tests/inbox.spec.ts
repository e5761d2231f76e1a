import { test } from '../support/test.ts';

test.use({ settings: { LEPTOS_ENV: 'DEV', EMAIL_BACKEND: 'console' } });

test('in development a person finds the mail in the inbox and gets in by its link', async ({ visitor }) => {
  await visitor.asksForALink();
  await visitor.findsTheMailInTheInbox();
  await visitor.clicksTheLinkInTheInbox();
  await visitor.isIn();
});
