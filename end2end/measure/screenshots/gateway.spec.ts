import { expect, test, throughTheGate } from '../../support/gate-test.ts';
import { takePicture } from './take.ts';

test.use(throughTheGate);

test('the pages on the host of an app', async ({ visitor, mailbox, gate }) => {
  visitor.watch.expectPageStatus(410);
  await visitor.opens(`${gate.origins.wiki}/.postern/finish?ticket=lost`);
  await expect(visitor.heading('Please try again')).toBeVisible();
  await takePicture(visitor, 'the page of an app that lost the way');

  await visitor.opens(`${gate.origins.wiki}/`);
  await visitor.asksHere();
  await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
  await expect(visitor.heading('The wiki')).toBeVisible();
  await visitor.opens(`${gate.origins.wiki}/.postern/sign-out`);
  await expect(visitor.heading('Sign out')).toBeVisible();
  await takePicture(visitor, 'the page that signs out of an app');
});
