/**
 * A real nginx with TLS in front of two apps on two domains, configured by docs/gateway/nginx.conf, and Postern behind
 * it. The apps say who they were told that asks, and where.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Mailbox } from './mailbox.ts';
import { freePort, Postern } from './postern.ts';

/** How long nginx may take to open its port, in milliseconds. */
const PATIENCE = 20_000;

const HOSTS = { login: 'login.example.test', wiki: 'wiki.alpha.test', tools: 'tools.beta.test' };

export class Gate {
  private constructor(
    readonly postern: Postern,
    readonly nginx: ChildProcess,
    /** Where each is, as a browser sees it. */
    readonly origins: Record<keyof typeof HOSTS, string>,
    private readonly apps: Server[],
    private readonly folder: string,
  ) {}

  static async start(mailbox: Mailbox): Promise<Gate> {
    const port = await freePort();
    const origin = (host: string) => `https://${host}:${port}`;
    const origins = { login: origin(HOSTS.login), wiki: origin(HOSTS.wiki), tools: origin(HOSTS.tools) };
    const postern = await Postern.start(mailbox, {
      PUBLIC_URL: origins.login,
      ALLOW_HTTP: undefined,
      TRUSTED_PROXIES: '127.0.0.1',
      GATEWAY_APPS: JSON.stringify([{ origin: origins.wiki }, { origin: origins.tools }]),
    });
    const apps = [await app('The wiki'), await app('The tools')];
    const folder = await mkdtemp(join(tmpdir(), 'postern-gate-'));
    const [wiki, tools] = apps.map((server) => (server.address() as AddressInfo).port);
    const words = await configuration(folder, port, await freePort(), { postern: Number(new URL(postern.url).port), wiki, tools });
    const nginx = spawn(program(), ['-e', 'stderr', '-p', folder, '-c', words], { stdio: ['ignore', 'ignore', 'pipe'] });
    let last = '';
    nginx.stderr?.on('data', (chunk: Buffer) => (last += chunk.toString()));
    const deadline = Date.now() + PATIENCE;
    while (!(await listens(port))) {
      if (nginx.exitCode !== null || Date.now() > deadline) {
        await postern.stop();
        throw new Error(`nginx does not start with docs/gateway/nginx.conf:\n${last}`);
      }
      await new Promise((again) => setTimeout(again, 50));
    }
    return new Gate(postern, nginx, origins, apps, folder);
  }

  async stop(): Promise<void> {
    this.nginx.kill('SIGTERM');
    for (const server of this.apps) {
      server.closeAllConnections();
      server.close();
    }
    await this.postern.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An app that trusts Remote-User, and shows what it was sent. */
async function app(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    const user = String(request.headers['remote-user'] ?? 'nobody');
    const escape = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('cache-control', 'no-store');
    response.end(
      `<!DOCTYPE html><html lang="en"><title>${name}</title><link rel="icon" href="data:,"><h1>${name}</h1>` +
        `<p id="user">${escape(user)}</p><p id="target">${escape(request.url ?? '')}</p>` +
        `<p id="cookies">${escape(request.headers.cookie ?? 'none')}</p>`,
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}

/** The documented file, with the names, ports and files of this test. */
async function configuration(
  folder: string,
  port: number,
  plainPort: number,
  upstream: { postern: number; wiki: number | undefined; tools: number | undefined },
): Promise<string> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: HOSTS.login }], { keySize: 2048 });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const documented = await readFile(join(import.meta.dirname, '../../docs/gateway/nginx.conf'), 'utf8');
  const blocks = documented
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replaceAll('listen 443 ', `listen 127.0.0.1:${port} `)
    .replaceAll('listen 80;', `listen 127.0.0.1:${plainPort};`)
    .replaceAll(/ssl_certificate +\S+;/g, `ssl_certificate ${folder}/cert.pem;`)
    .replaceAll(/ssl_certificate_key +\S+;/g, `ssl_certificate_key ${folder}/key.pem;`)
    .replaceAll('/var/log/nginx/', `${folder}/`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${upstream.postern}`)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${upstream.wiki}`)
    .replaceAll('127.0.0.1:8081', `127.0.0.1:${upstream.tools}`)
    .replaceAll('login.example.com', HOSTS.login)
    .replaceAll('wiki.example.com', HOSTS.wiki)
    .replaceAll('tools.example.net', HOSTS.tools);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const own = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
  const file = join(folder, 'nginx.conf');
  const process = `daemon off;\nmaster_process off;\npid ${folder}/pid;\nlock_file ${folder}/lock;\nerror_log stderr;`;
  await writeFile(file, `${process}\nevents {}\nhttp {\n${own}\n${blocks}\n}\n`);
  return file;
}

/** Debian's nginx, or the one that script/bootstrap has unpacked. */
function program(): string {
  const cache = process.env.POSTERN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'postern');
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', join(cache, 'tools/bin')];
  const found = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
  if (found === undefined) throw new Error('nginx is not installed: script/bootstrap installs it');
  return found;
}

async function listens(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), answer(true)));
    socket.on('error', () => answer(false));
  });
}
