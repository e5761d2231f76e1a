/**
 * A real mail server on a port of its own. It speaks SMTP, insists on STARTTLS and on a password,
 * and keeps what it is given for the tests to read.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

const LOGIN = { user: 'postern', password: 'a password only this test run knows' };

/** How long a mail may take from the press of the button to here, in milliseconds. */
const PATIENCE = 15_000;

export interface Mail {
  /** The link, as it stands on its own line in the text part. */
  link: string;
  /** The eight digits, without the space between them. */
  code: string;
  /** Everything else: headers, subject, both parts. */
  parsed: ParsedMail;
  /** How it came: over TLS or not, and who logged in. */
  transport: { tls: boolean; user: string | undefined };
}

export class Mailbox {
  readonly #server: SMTPServer;
  readonly #arrived = new Map<string, Mail[]>();
  readonly #unread = new Map<string, Mail[]>();
  readonly #waiting = new Map<string, ((mail: Mail) => void)[]>();
  readonly #troubles: string[] = [];

  private constructor(
    key: string,
    cert: string,
    /** The certificate (PEM) of the authority that a client has to trust. */
    readonly authority: string,
  ) {
    this.#server = new SMTPServer({
      key,
      cert,
      authMethods: ['PLAIN', 'LOGIN'],
      onAuth: ({ username, password }, _session, done) =>
        username === LOGIN.user && password === LOGIN.password
          ? done(null, { user: username })
          : done(new Error('Wrong user or password')),
      onData: (stream, session, done) => {
        simpleParser(stream).then((parsed) => {
          this.#deliver(parsed, session);
          done();
        }, done);
      },
    });
    // A client that hung up or distrusted us; a test learns of it when its mail does not come.
    this.#server.on('error', (error) => this.#troubles.push(error.message));
  }

  static async open(): Promise<Mailbox> {
    const { authority, key, cert } = await makeCertificate();
    const mailbox = new Mailbox(key, cert, authority);
    await once(mailbox.#server.listen(0, '127.0.0.1'), 'listening');
    return mailbox;
  }

  /** What Postern has to be told to send its mail here. */
  settings(authorityFile: string): Record<string, string> {
    const { port } = this.#server.server.address() as AddressInfo;
    return {
      EMAIL_BACKEND: 'smtp',
      EMAIL_HOST: 'localhost',
      EMAIL_PORT: String(port),
      EMAIL_USE_TLS: 'true',
      EMAIL_HOST_USER: LOGIN.user,
      EMAIL_HOST_PASSWORD: LOGIN.password,
      EMAIL_CA_FILE: authorityFile,
      DEFAULT_FROM_EMAIL: 'Postern <postern@example.com>',
    };
  }

  /** The oldest mail to this address that no call has returned yet; waits for it to come. */
  next(address: string): Promise<Mail> {
    const mail = this.#unread.get(address)?.shift();
    if (mail) return Promise.resolve(mail);
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        const line = listed(this.#waiting, address);
        line.splice(line.indexOf(receive), 1);
        const troubles = this.#troubles.map((trouble) => `\n  the mail server reported: ${trouble}`).join('');
        reject(new Error(`no mail for ${address} in ${PATIENCE / 1000} seconds${troubles}`));
      }, PATIENCE);
      const receive = (mail: Mail) => {
        clearTimeout(deadline);
        resolve(mail);
      };
      listed(this.#waiting, address).push(receive);
    });
  }

  /** How many mails have come for this address so far, read or unread. */
  count(address: string): number {
    return this.#arrived.get(address)?.length ?? 0;
  }

  close(): Promise<void> {
    return new Promise((closed) => this.#server.close(closed));
  }

  #deliver(parsed: ParsedMail, session: SMTPServerSession): void {
    const text = parsed.text ?? '';
    const mail: Mail = {
      link: text.match(/^https?:\/\/\S+\/verify\?token=\S+$/m)?.[0] ?? '',
      code: text.match(/\b(\d{4}) (\d{4})\b/)?.slice(1).join('') ?? '',
      parsed,
      transport: { tls: session.secure, user: session.user },
    };
    for (const { address } of session.envelope.rcptTo) {
      listed(this.#arrived, address).push(mail);
      const receive = listed(this.#waiting, address).shift();
      if (receive) receive(mail);
      else listed(this.#unread, address).push(mail);
    }
  }
}

/** The list under this address, made when there is none. */
function listed<T>(lists: Map<string, T[]>, address: string): T[] {
  const list = lists.get(address) ?? [];
  lists.set(address, list);
  return list;
}

/** An authority and a certificate for localhost from it: strict clients take no authority for a server. */
async function makeCertificate() {
  const authority = await generate([{ name: 'commonName', value: 'Postern end-to-end tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
  });
  return { authority: authority.cert, key: server.private, cert: server.cert };
}
