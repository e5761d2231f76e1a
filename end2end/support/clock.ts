import { expect } from '@playwright/test';

/** Waits until the clock has passed this moment, in milliseconds since 1970. */
export async function clockPasses(moment: number): Promise<void> {
  await expect.poll(() => Date.now(), { intervals: [100], timeout: 30_000 }).toBeGreaterThan(moment);
}

/**
 * Waits for the next second. Links carry the second of their request, so two requests in one second
 * would get the same link and neither would be the newer one.
 */
export async function nextSecond(): Promise<void> {
  await clockPasses(Math.ceil((Date.now() + 1) / 1000) * 1000);
}
