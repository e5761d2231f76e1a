/** Lighthouse with its mobile defaults, on the pages that people wait for. It opens them in a Chromium of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from '../support/parts.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const program = join(import.meta.dirname, 'node_modules/.bin/lighthouse');

/** The categories that have to be at 100. SEO counts too that robots.txt keeps the search engines out, as is meant. */
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

interface Report {
  categories: Record<string, { score: number; auditRefs: { id: string }[] }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
}

/** What Lighthouse says of this page, opened with the cookies of this visitor. */
async function lighthouse(visitor: Visitor, url: string): Promise<Report> {
  const cookies = (await visitor.context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ');
  const { stdout } = await promisify(execFile)(
    program,
    [
      url,
      '--quiet',
      '--output=json',
      `--extra-headers=${JSON.stringify(cookies === '' ? {} : { Cookie: cookies })}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu',
    ],
    { env: { ...process.env, CHROME_PATH: chromium() }, maxBuffer: 100_000_000 },
  );
  return JSON.parse(stdout) as Report;
}

function judge(path: string, { categories, audits }: Report): void {
  const score = (name: string) => Math.round((categories[name]?.score ?? 0) * 100);
  const shown = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'total-byte-weight'];
  const scores = Object.keys(categories).map((name) => `${name} ${score(name)}`);
  console.log(`${path}: ${scores.join(', ')}; ${shown.map((id) => audits[id]?.displayValue).join(', ')}`);
  const missing = CATEGORIES.filter((name) => score(name) < 100).flatMap((name) =>
    categories[name]!.auditRefs
      .map(({ id }) => ({ id, ...audits[id]! }))
      .filter((audit) => audit.score !== null && audit.score < 1)
      .map(({ id, title, displayValue }) => `${name}: ${id}: ${title}: ${displayValue ?? ''}`),
  );
  expect(missing).toEqual([]);
}

test('Lighthouse has nothing to say about the sign-in page', async ({ visitor, postern }) => {
  judge('/login', await lighthouse(visitor, `${postern.url}/login`));
});

test('Lighthouse has nothing to say about the page that says to check the inbox', async ({ visitor, postern }) => {
  await visitor.asksForALink();
  judge('/login/sent', await lighthouse(visitor, `${postern.url}/login/sent`));
});

test('Lighthouse has nothing to say about the page of one\'s devices', async ({ visitor, postern, mailbox }) => {
  await visitor.asksAndSignsIn(mailbox);
  judge('/sessions', await lighthouse(visitor, `${postern.url}/sessions`));
});
