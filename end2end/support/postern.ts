/** The server under test: the release binary, started in an empty folder on a port of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mailbox } from './mailbox.ts';
import { binary } from './parts.ts';

/** Environment variables of the server; `undefined` takes one away and leaves the server its default. */
export type Settings = Record<string, string | undefined>;

/**
 * Many tests share one server and one network, so the limits that stop a flood are out of the way.
 * Only here and in the tests about limits are these names known.
 */
const WIDE_LIMITS: Settings = {
  LIMIT_BROWSER: 'off',
  LIMIT_KNOWN_BROWSER: 'off',
  LIMIT_KNOWN_BROWSERS: 'off',
  LIMIT_NETWORK: 'off',
  LIMIT_NETWORK_DAY: 'off',
  LIMIT_NETWORK_MAILS: 'off',
  LIMIT_MAILS: 'off',
  LIMIT_NETWORK_CODES: 'off',
  LIMIT_CODES: 'off',
};

/** Anybody at this domain may sign in. */
export const LISTED_DOMAIN = 'example.com';

/** How long the server may take to start and to stop, in milliseconds. */
export const PATIENCE = 20_000;

export class Postern {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
    readonly folder: string,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    process.on('exit', (code, signal) => (this.#output += `\n[the server ended: ${signal ?? `exit code ${code}`}]\n`));
  }

  #output = '';

  /** All it has printed so far. */
  get output(): string {
    return this.#output;
  }

  static async start(mailbox: Mailbox, settings: Settings): Promise<Postern> {
    const folder = await mkdtemp(join(tmpdir(), 'postern-end2end-'));
    const authorityFile = join(folder, 'mail-authority.pem');
    await writeFile(authorityFile, mailbox.authority);
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const child = spawn(binary, {
      cwd: folder, // No .env of somebody's strays in.
      env: {
        PATH: process.env.PATH,
        LEPTOS_ENV: 'PROD',
        LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
        PUBLIC_URL: url,
        ALLOW_HTTP: 'true',
        SECRET_KEY: randomBytes(32).toString('hex'),
        CREDENTIALS: JSON.stringify([`@${LISTED_DOMAIN}`]),
        DATABASE_URL: `sqlite://${join(folder, 'postern.sqlite3')}`,
        ...mailbox.settings(authorityFile),
        ...WIDE_LIMITS,
        // Tests count their mails; tests/devices.spec.ts has this one.
        NEW_DEVICE_MAILS: 'off',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const postern = new Postern(url, child, folder);
    try {
      await postern.#ready(`http://127.0.0.1:${port}/readyz`);
    } catch (error) {
      await postern.stop();
      throw error;
    }
    return postern;
  }

  async stop(): Promise<void> {
    if (this.#runs()) {
      const ended = once(this.process, 'exit');
      const deadline = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE);
      this.process.kill('SIGTERM');
      await ended;
      clearTimeout(deadline);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  #runs(): boolean {
    return this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Asks until the server says that it is ready; nothing else tells from outside. */
  async #ready(readyz: string): Promise<void> {
    let spawnError: Error | undefined;
    this.process.on('error', (error) => (spawnError = error));
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const status = await fetch(readyz).then((answer) => answer.status, () => undefined);
      if (status === 200) return;
      if (spawnError) throw new Error(`${binary} could not be started: ${spawnError.message}`);
      if (!this.#runs()) throw new Error(`the server ended before it was ready:\n${this.output}`);
      if (Date.now() > deadline) {
        throw new Error(`/readyz said ${status ?? 'nothing'} for ${PATIENCE / 1000} seconds:\n${this.output}`);
      }
      await new Promise((again) => setTimeout(again, 50));
    }
  }
}

/**
 * A port that is free now. Below those that the system hands out to whoever asks for any port: the program that it is for
 * opens it some moments later, and a connection of somebody else's could have it by then.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await new Promise<boolean>((told) => {
      probe.once('listening', () => told(true));
      probe.once('error', () => told(false));
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
