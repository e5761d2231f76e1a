import { expect, test, throughTheGate } from '../support/gate-test.ts';

test.use(throughTheGate);

test('one mail opens an app at its deep address, and the second app without another', async ({ visitor, mailbox, gate }) => {
  await visitor.opens(`${gate.origins.tools}/a%20page/?q=a%2Fb`);
  await expect(visitor.heading('Sign in')).toBeVisible();
  expect(visitor.page.url()).toContain(gate.origins.login);
  await visitor.asksHere();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(visitor.heading('The tools')).toBeVisible();
  await expect(visitor.page).toHaveURL(`${gate.origins.tools}/a%20page/?q=a%2Fb`);
  await expect(visitor.page.locator('#user')).toHaveText(visitor.address);
  await expect(visitor.page.locator('#target')).toHaveText('/a%20page/?q=a%2Fb');
  await expect(visitor.page.locator('#cookies')).toHaveText('none');

  await visitor.opens(`${gate.origins.wiki}/`);
  await expect(visitor.heading('The wiki')).toBeVisible();
  await expect(visitor.page.locator('#user')).toHaveText(visitor.address);
  expect(mailbox.count(visitor.address)).toBe(1);
});

test('the code of a mail leads into the app too, and signing out there closes all of them', async ({ visitor, mailbox, gate }) => {
  await visitor.opens(`${gate.origins.wiki}/deep?x=1`);
  await visitor.asksHere();
  await visitor.submitsCode((await mailbox.next(visitor.address)).code);
  await expect(visitor.heading('The wiki')).toBeVisible();
  await expect(visitor.page).toHaveURL(`${gate.origins.wiki}/deep?x=1`);
  await visitor.opens(`${gate.origins.tools}/`);
  await expect(visitor.heading('The tools')).toBeVisible();

  await visitor.opens(`${gate.origins.wiki}/.postern/sign-out`);
  await expect(visitor.heading('Sign out')).toBeVisible();
  await expect(visitor.page.getByText(visitor.address)).toBeVisible();
  await visitor.button('Sign out').click();
  await expect(visitor.heading('Sign in')).toBeVisible();
  for (const app of [gate.origins.wiki, gate.origins.tools]) {
    await visitor.opens(`${app}/`);
    await expect(visitor.heading('Sign in')).toBeVisible();
  }
});
