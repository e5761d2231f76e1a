import { expect, test } from '../support/test.ts';

test('the mail says what it is for and comes from where it should', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { parsed } = await mailbox.next(visitor.address);
  expect(parsed.subject).toContain('Sign-in code');
  expect(parsed.from?.text).toBe('"Postern" <postern@example.com>');
  expect(parsed.messageId).toMatch(/^<[^@\s]+@[^@\s]+>$/);
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
  expect(Math.abs(Date.now() - (parsed.date?.getTime() ?? 0))).toBeLessThan(60_000);
});

test('the text of the mail has the link on a line of its own and the code in two groups of four', async ({ visitor, mailbox, postern }) => {
  await visitor.asksForALink();
  const { parsed } = await mailbox.next(visitor.address);
  const lines = (parsed.text ?? '').split('\n').map((line) => line.trim());
  expect(lines.filter((line) => line.startsWith(`${postern.url}/verify?token=`))).toHaveLength(1);
  expect(parsed.text).toMatch(/\b\d{4} \d{4}\b/);
});

test('both parts of the mail carry the same link and the same code', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const mail = await mailbox.next(visitor.address);
  expect(mail.link).not.toBe('');
  expect(mail.code).not.toBe('');
  expect(mail.parsed.html).toContain(`href="${mail.link}"`);
  expect(mail.parsed.html).toContain(`${mail.code.slice(0, 4)} ${mail.code.slice(4)}`);
});

test('the mail leads nowhere but here and loads nothing', async ({ visitor, mailbox, postern }) => {
  await visitor.asksForALink();
  const html = String((await mailbox.next(visitor.address)).parsed.html);
  const addresses = [...html.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.filter((address) => !address?.startsWith(postern.url))).toEqual([]);
  expect(html).not.toMatch(/<(img|script|iframe|link)\b/i);
});

test('the mail travels under TLS and after a login', async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  expect((await mailbox.next(visitor.address)).transport).toEqual({ tls: true, user: 'postern' });
});
