/** The `test` of this suite: a server and a mail server for each worker, a visitor for each test. */
import { test as base } from '@playwright/test';
import { Mailbox } from './mailbox.ts';
import { Postern, type Settings } from './postern.ts';
import { Visitor } from './visitor.ts';

export { expect } from '@playwright/test';

export interface WorkerFixtures {
  /** Settings of the server on top of the usual ones. `test.use` at the top of a file starts a server of its own. */
  settings: Settings;
  /** All the mail the server sends. */
  mailbox: Mailbox;
  postern: Postern;
}

interface TestFixtures {
  /** Somebody with a fresh address and a fresh browser. */
  visitor: Visitor;
  /** Opens another browser, that knows nothing of the first. */
  anotherBrowser: (options?: { javaScriptEnabled: boolean }) => Promise<Visitor>;
  serverOutput: void;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  settings: [{}, { scope: 'worker', option: true }],

  mailbox: [
    async ({}, use) => {
      const mailbox = await Mailbox.open();
      await use(mailbox);
      await mailbox.close();
    },
    { scope: 'worker' },
  ],

  postern: [
    async ({ mailbox, settings }, use) => {
      const postern = await Postern.start(mailbox, settings);
      const kill = () => postern.process.kill('SIGKILL');
      process.once('exit', kill); // When the worker is cut short, its server goes with it.
      await use(postern);
      process.off('exit', kill);
      await postern.stop();
    },
    { scope: 'worker' },
  ],

  serverOutput: [
    async ({ postern }, use, testInfo) => {
      const before = postern.output.length;
      await use();
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('server output', { body: postern.output.slice(before), contentType: 'text/plain' });
      }
    },
    { auto: true },
  ],

  baseURL: async ({ postern }, use) => use(postern.url),

  anotherBrowser: async ({ browser, javaScriptEnabled }, use) => {
    const visitors: Visitor[] = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      const visitor = await Visitor.in(context, options?.javaScriptEnabled ?? javaScriptEnabled);
      visitors.push(visitor);
      return visitor;
    });
    const troubles = (await Promise.all(visitors.map((visitor) => visitor.troubles()))).flat();
    for (const { context } of visitors) await context.close();
    if (troubles.length > 0) throw new Error(`This went wrong beside the test:\n${troubles.join('\n')}`);
  },

  visitor: async ({ anotherBrowser }, use) => use(await anotherBrowser()),
});
