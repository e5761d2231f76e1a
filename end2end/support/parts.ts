/**
 * The parts that are not in this folder: Chromium and the server.
 * A missing one stops the run at once and says how to get it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

/** The server under test, a release build that carries its site. */
export const binary = resolve(process.env.POSTERN_BINARY ?? `${repository}/target/release/postern`);

/** Where the whole of Chromium is, or would be. */
export function chromium(): string {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return process.env.CHROMIUM ?? usual.find((path) => existsSync(path)) ?? '/usr/bin/chromium';
}

/** Chromium without its windows, which the suite drives mostly: it needs three quarters of the time. Where there is none, the whole. */
export function headlessShell(): string {
  const usual = '/usr/bin/chromium-headless-shell';
  return process.env.HEADLESS_SHELL ?? (process.env.CHROMIUM === undefined && existsSync(usual) ? usual : chromium());
}

export default function checkParts(): void {
  const needed = [
    { path: chromium(), what: 'Chromium', remedy: 'install it: apt-get install chromium, or set CHROMIUM to its path' },
    { path: binary, what: 'the server', remedy: 'build it: cargo leptos build --release, or set POSTERN_BINARY to its path' },
  ];
  const missing = needed.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(missing.map(({ path, what, remedy }) => `${what} is not at ${path}; ${remedy}`).join('\n'));
  }
}
