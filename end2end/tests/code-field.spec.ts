import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';
import { wrongCode, type Visitor } from '../support/visitor.ts';

/** Counts the codes that this page sends. */
function countCodes(page: Page): { sent: number } {
  const count = { sent: 0 };
  page.on('request', (request) => {
    if (request.url().endsWith('/api/redeem_code')) count.sent += 1;
  });
  return count;
}

/** Pastes as the keyboard would, wherever the focus is. */
async function paste({ page }: Visitor, text: string): Promise<void> {
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', text);
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(paste);
  }, text);
}

const spellings: [string, (code: string) => string][] = [
  ['with the space of the mail', (code) => `${code.slice(0, 4)} ${code.slice(4)}`],
  ['with a dash', (code) => `${code.slice(0, 4)}–${code.slice(4)}`],
  ['in full-width digits', (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
  ['in Devanagari digits', (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x966 + Number(digit)))],
  ['with the whole line of the mail', (code) => `Your code is ${code.slice(0, 4)} ${code.slice(4)}.`],
];

for (const [how, spell] of spellings) {
  test(`a code written ${how} signs in`, async ({ visitor, mailbox }) => {
    await visitor.asksForALink();
    await visitor.submitsCode(spell((await mailbox.next(visitor.address)).code));
    await visitor.isIn();
  });
}

test('the last digit signs in by itself', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.waitsForScripts();
  const codes = countCodes(visitor.page);
  await visitor.codeField.pressSequentially(code.slice(0, 7));
  await expect(visitor.codeField).toHaveValue(code.slice(0, 7));
  expect(codes.sent).toBe(0);
  await visitor.page.keyboard.type(code.slice(7));
  await visitor.isIn();
  expect(codes.sent).toBe(1);
});

test('after a refusal the code waits for the button', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  visitor.watch.expectRefusal(422);
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.waitsForScripts();
  const codes = countCodes(visitor.page);
  await visitor.codeField.fill(wrongCode(code));
  await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');
  expect(codes.sent).toBe(1);
  await visitor.codeField.fill(code);
  await expect(visitor.button('Sign in')).toBeEnabled();
  expect(codes.sent).toBe(1);
  await visitor.button('Sign in').click();
  await visitor.isIn();
  expect(codes.sent).toBe(2);
});

test('a refusal that a plain form was told of waits for the button too', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.opens('/login/sent?refusal=wrong_code&n=4');
  await visitor.isToldToCheckTheInbox();
  await visitor.waitsForScripts();
  const codes = countCodes(visitor.page);
  await visitor.codeField.fill(code);
  await expect(visitor.button('Sign in')).toBeEnabled();
  expect(codes.sent).toBe(0);
  await visitor.button('Sign in').click();
  await visitor.isIn();
});

test('pasting anywhere on the page fills the field and signs in', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  await visitor.asksForALink();
  const { code } = await mailbox.next(visitor.address);
  await visitor.waitsForScripts();
  await visitor.link('Wrong address?').focus();
  await paste(visitor, 'Nothing to see at 10:42 on 2026-03-02 09');
  await expect(visitor.codeField).toHaveValue('');
  await paste(visitor, `Hello!\r\n\r\n${code.slice(0, 4)} ${code.slice(4)}\r\n\r\n5 minutes are left.`);
  await visitor.isIn();
});

test('a keyboard that comes up before the button has arrived breaks nothing', { tag: '@with-javascript' }, async ({ visitor }) => {
  await visitor.asksForALink();
  await visitor.waitsForScripts();
  await visitor.codeField.focus();
  // Whatever a script fails at fails the test.
  await visitor.page.evaluate(() => {
    document.activeElement?.closest('form')?.querySelector('button')?.remove();
    self.visualViewport?.dispatchEvent(new Event('resize'));
  });
  await expect(visitor.codeField).toBeFocused();
});

test('the field takes a pasted line whole, and shows no code that is none', async ({ visitor }) => {
  await visitor.asksForALink();
  await expect(visitor.codeField).not.toHaveAttribute('maxlength');
  await expect(visitor.codeField).not.toHaveAttribute('placeholder');
  await expect(visitor.codeField).toHaveAttribute('enterkeyhint', 'go');
  await expect(visitor.page.getByText('The last digit signs you in.')).toBeVisible();
});

test.describe('with a keyboard on the screen', () => {
  test.use({ viewport: { width: 390, height: 360 } });

  test('field and button of the code are in sight', async ({ visitor }) => {
    await visitor.asksForALink();
    await visitor.codeField.focus();
    await expect(visitor.codeField).toBeInViewport({ ratio: 1 });
    await expect(visitor.button('Sign in')).toBeInViewport({ ratio: 1 });
  });
});
