// better-auth with its magic link plugin on SQLite, served by node's http. ../README.md says what was set, and why.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { magicLink } from 'better-auth/plugins';
import Database from 'better-sqlite3';
import nodemailer from 'nodemailer';

const { DATABASE, EMAIL_PORT, PORT, SECRET_KEY } = process.env;

const database = new Database(DATABASE);
database.pragma('journal_mode = WAL');
// This library's own default is NORMAL, which loses the last commits in a power cut.
database.pragma('synchronous = FULL');

const mailServer = nodemailer.createTransport({ host: '127.0.0.1', port: EMAIL_PORT, ignoreTLS: true, pool: true });

const options = {
  baseURL: `http://localhost:${PORT}`,
  secret: SECRET_KEY,
  database,
  telemetry: { enabled: false },
  // As shipped, but for the page that one visitor opens again and again.
  rateLimit: { customRules: { '/get-session': false } },
  plugins: [
    magicLink({
      // Not waited for, as the documentation advises: the answer shall not tell whether a mail has left.
      sendMagicLink({ email, url }) {
        if (!email.endsWith('@example.com')) return;
        const text = `Sign in here, within five minutes:\n\n${url}\n`;
        mailServer
          .sendMail({ from: 'Bench <bench@example.com>', to: email, subject: 'Your link', text })
          .catch((error) => console.error(error));
      },
    }),
  ],
};

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title></head>
<body><main><h1>Sign in</h1><form><label for="email">E-mail</label>
<input id="email" name="email" type="email" required><button>Send me a link</button></form></main></body>
</html>`;

const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = toNodeHandler(betterAuth(options));
createServer((request, answer) => {
  if (request.url.startsWith('/api/auth/')) return auth(request, answer);
  if (request.url !== '/login') return answer.writeHead(404).end();
  answer.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
}).listen(Number(PORT), '127.0.0.1');
