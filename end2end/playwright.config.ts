import { defineConfig, devices } from '@playwright/test';
import { chromium, headlessShell } from './support/parts.ts';
import type { WorkerFixtures } from './support/test.ts';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig<object, WorkerFixtures>({
  testDir: 'tests',
  globalSetup: './support/parts.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0, // A second try would hide a race.
  forbidOnly: true, // A forgotten `test.only` would leave the rest out without a word.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: headlessShell(), args },
  },
  // A test belongs to the first three unless its claim makes no sense there:
  // @with-javascript is about scripts, @without-javascript about their absence.
  projects: [
    { name: 'desktop', use: devices['Desktop Chrome'], grepInvert: /@without-javascript/ },
    {
      name: 'mobile',
      use: devices['Pixel 7'],
      grepInvert: /@without-javascript/,
      // The tools look at each page in two widths anyway (support/accessibility.ts), and the binary alone needs no browser.
      testIgnore: ['accessibility/**', 'alone.spec.ts'],
    },
    {
      name: 'nojs',
      use: { ...devices['Desktop Chrome'], javaScriptEnabled: false },
      grepInvert: /@with-javascript/,
      // axe waits for timers, and a page with its scripts switched off has none. The markup is the same there.
      testIgnore: ['accessibility/**', 'alone.spec.ts'],
    },
    {
      // What a browser brings along that its engine has not: the way it keeps pages, tabs and cookies.
      name: 'whole',
      use: { ...devices['Desktop Chrome'], launchOptions: { executablePath: chromium(), args } },
      grepInvert: /@without-javascript/,
      testMatch: ['signing-in.spec.ts', 'history.spec.ts', 'other-tab.spec.ts', 'sign-out.spec.ts'],
    },
  ],
});
