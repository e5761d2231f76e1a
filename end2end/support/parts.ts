/**
 * The parts that are not in this folder: Chromium, the server and its site.
 * A missing one stops the run at once and says how to get it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

/** The server under test, a release build. */
export const binary = resolve(process.env.POSTERN_BINARY ?? `${repository}/target/release/postern`);

/** The folder with the hashed scripts and styles that belong to the same build. */
export const site = resolve(process.env.POSTERN_SITE ?? `${repository}/target/site`);

/** Where Chromium is, or would be. */
export function chromium(): string {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return process.env.CHROMIUM ?? usual.find((path) => existsSync(path)) ?? '/usr/bin/chromium';
}

export default function checkParts(): void {
  const needed = [
    { path: chromium(), what: 'Chromium', remedy: 'install it: apt-get install chromium, or set CHROMIUM to its path' },
    { path: binary, what: 'the server', remedy: 'build it: cargo leptos build --release, or set POSTERN_BINARY to its path' },
    { path: site, what: 'the site', remedy: 'build it: cargo leptos build --release, or set POSTERN_SITE to its folder' },
  ];
  const missing = needed.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(missing.map(({ path, what, remedy }) => `${what} is not at ${path}; ${remedy}`).join('\n'));
  }
}
