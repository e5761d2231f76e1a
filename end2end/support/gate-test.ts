/** The `test` of this suite for what goes on behind a gate: nginx, Postern and two apps for each worker. */
import { Gate } from './gate.ts';
import { headlessShell } from './parts.ts';
import { test as base } from './test.ts';

export { expect } from '@playwright/test';

export const test = base.extend<object, { gate: Gate }>({
  gate: [
    async ({ mailbox }, use) => {
      const gate = await Gate.start(mailbox);
      await use(gate);
      await gate.stop();
    },
    { scope: 'worker' },
  ],
  postern: [async ({ gate }, use) => use(gate.postern), { scope: 'worker' }],
});

/** Everything at these names is on this machine; the certificate is made by the test. */
export const throughTheGate = {
  ignoreHTTPSErrors: true,
  launchOptions: {
    executablePath: headlessShell(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--host-resolver-rules=MAP *.alpha.test 127.0.0.1,MAP *.beta.test 127.0.0.1,MAP login.example.test 127.0.0.1'],
  },
};
