import { devices, defineConfig } from '@playwright/test';
import tests from '../playwright.config.ts';

/** What is looked at or measured, and not asserted by every run of the tests: one after the other, on an idle machine. */
export default defineConfig({
  ...tests,
  testDir: '.',
  globalSetup: '../support/parts.ts',
  outputDir: '../test-results/measure',
  fullyParallel: false,
  workers: 1,
  timeout: 300_000,
  projects: [
    { name: 'desktop', use: devices['Desktop Chrome'] },
    { name: 'mobile', use: devices['Pixel 7'], testMatch: 'screenshots/*.spec.ts' },
    { name: 'dark', use: { ...devices['Pixel 7'], colorScheme: 'dark' }, testMatch: 'screenshots/*.spec.ts' },
    { name: 'nojs', use: { ...devices['Desktop Chrome'], javaScriptEnabled: false }, testMatch: 'screenshots/*.spec.ts' },
  ],
});
