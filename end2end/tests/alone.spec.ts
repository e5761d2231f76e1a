/** The binary and ten lines of `.env`: what README.md says is all there is to deploying. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { binary } from '../support/parts.ts';
import { freePort, PATIENCE } from '../support/postern.ts';

const MEBIBYTE = 1024 * 1024;
const HOST = 'login.example.com';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A folder with nothing in it but the binary and a `.env`, and the server in it. */
class Alone {
  readonly folder: string;
  readonly port: number;
  #process?: ChildProcess;
  #output = '';

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async deployed(): Promise<Alone> {
    const alone = new Alone(await mkdtemp(join(tmpdir(), 'postern-alone-')), await freePort());
    await copyFile(binary, join(alone.folder, 'postern'));
    await writeFile(join(alone.folder, '.env'), (await tenLines()).join('\n'));
    return alone;
  }

  /** Starts it; gives back once it is ready, or has ended. Beyond `.env` it is only told where to listen. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    const child = spawn(join(this.folder, 'postern'), {
      cwd: this.folder,
      env: { LEPTOS_SITE_ADDR: `127.0.0.1:${this.port}`, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    const deadline = Date.now() + PATIENCE;
    while (child.exitCode === null) {
      if ((await this.get('/readyz').catch(() => undefined))?.status === 200) return;
      if (Date.now() > deadline) throw new Error(`it is not ready:\n${this.#output}`);
      await new Promise((again) => setTimeout(again, 20));
    }
  }

  /** The memory that it has now (resident), in bytes. */
  memory(): number {
    const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', `${this.#process?.pid}`], { encoding: 'utf8' });
    return Number(kibibytes) * 1024;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((done, fail) => {
      // As a proxy on this machine would ask.
      const asked = { host: HOST, 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https', ...headers };
      request({ port: this.port, host: '127.0.0.1', path, headers: asked, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () => done({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
      })
        .on('error', fail)
        .end();
    });
  }

  /** Its status, once it has ended, and all that it has said. */
  async ended(): Promise<{ status: number | null; output: string }> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    return { status: child?.exitCode ?? null, output: this.#output };
  }

  async remove(): Promise<void> {
    await this.ended();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The lines for `.env` in README.md, with what is left open there. */
async function tenLines(): Promise<string[]> {
  const readme = await readFile(resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const lines = readme.match(/^ {4}LEPTOS_ENV=PROD\n(?: {4}\S.*\n)+/m)?.[0].trim().split('\n') ?? [];
  expect(lines).toHaveLength(10);
  const secret = randomBytes(32).toString('hex');
  return lines.map((line) => line.trim().replace(/^(SECRET_KEY|EMAIL_HOST_PASSWORD)=( .*)?$/, `$1=${secret}`));
}

/** What a page loads: its style sheet, its script and its program. */
function loads(page: string): string[] {
  return [...page.matchAll(/href="(\/pkg\/[^"]+)"/g)].map(([, path]) => path ?? '');
}

let alone: Alone;
test.beforeEach(async () => void (alone = await Alone.deployed()));
test.afterEach(() => alone.remove());

test('the binary alone serves the sign-in page with all that it loads, compressed', async () => {
  await alone.start();
  const page = await alone.get('/login', { 'accept-encoding': 'gzip, deflate, br, zstd' });
  expect([page.status, page.headers['content-encoding']]).toEqual([200, 'gzip']);
  const paths = loads(gunzipSync(page.body).toString());
  expect(paths.map((path) => path.split('.').at(-1)).sort()).toEqual(['css', 'js', 'wasm']);
  const types = { css: 'text/css', js: 'text/javascript', wasm: 'application/wasm' };
  for (const path of paths) {
    const kind = path.split('.').at(-1) as keyof typeof types;
    const plain = await alone.get(path);
    for (const [coding, unpack] of [['br', brotliDecompressSync], ['gzip', gunzipSync]] as const) {
      const file = await alone.get(path, { 'accept-encoding': coding });
      expect([file.status, file.headers['content-encoding'], file.headers['content-type']]).toEqual([200, coding, types[kind]]);
      expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(file.body.length).toBeLessThan(plain.body.length / 2);
      expect(unpack(file.body).equals(plain.body)).toBe(true);
      const again = await alone.get(path, { 'accept-encoding': coding, 'if-none-match': file.headers.etag ?? '' });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
  }
  for (const path of ['/favicon.svg', '/favicon.ico', '/apple-touch-icon.png', '/robots.txt']) {
    expect((await alone.get(path)).status, path).toBe(200);
  }
});

test('a folder that LEPTOS_SITE_ROOT names wins over what the binary carries', async () => {
  const pkg = join(alone.folder, 'elsewhere/pkg');
  await mkdir(pkg, { recursive: true });
  for (const kind of ['css', 'js', 'wasm']) await writeFile(join(pkg, `postern.${kind}`), `/* ${kind} of the operator */`);
  await alone.start({ LEPTOS_SITE_ROOT: 'elsewhere', LEPTOS_HASH_FILES: 'false' });
  expect(loads((await alone.get('/login')).body.toString()).sort()).toEqual(['/pkg/postern.css', '/pkg/postern.js', '/pkg/postern.wasm']);
  expect((await alone.get('/pkg/postern.css')).body.toString()).toBe('/* css of the operator */');
  expect((await alone.get('/robots.txt')).status).toBe(404);
});

test('a folder that is named and not there ends the start', async () => {
  await alone.start({ LEPTOS_SITE_ROOT: 'nowhere', LEPTOS_HASH_FILES: 'false' });
  const { status, output } = await alone.ended();
  expect(status).toBe(1);
  expect(output).toContain(join(alone.folder, 'nowhere/pkg/postern.css'));
});

test('the binary has less than 25 MiB; so much memory is enough when idle, and 80 MiB under load', async () => {
  expect((await stat(join(alone.folder, 'postern'))).size).toBeLessThan(25 * MEBIBYTE);
  await alone.start();
  expect(alone.memory()).toBeLessThan(25 * MEBIBYTE);
  const everybody = Array.from({ length: 100 }, async () => {
    for (let visits = 0; visits < 20; visits++) {
      expect((await alone.get('/login', { 'accept-encoding': 'gzip' })).status).toBe(200);
    }
  });
  await Promise.all(everybody);
  expect(alone.memory()).toBeLessThan(80 * MEBIBYTE);
});
