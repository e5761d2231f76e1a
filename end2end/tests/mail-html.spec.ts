import { AxeBuilder } from '@axe-core/playwright';
import { caniemail } from 'caniemail';
import { HtmlValidate } from 'html-validate';
import { expect, test } from '../support/test.ts';
import type { Mailbox } from '../support/mailbox.ts';
import type { Visitor } from '../support/visitor.ts';

// With everything that may stand in a mail.
test.use({
  settings: { SITE_NAME: 'Example Inc.', ACCENT_COLOUR: '#0b5cad', SUPPORT_ADDRESS: 'help@example.com' },
});

/** What some mail programs do not support or support in part, as caniemail.com calls it, and why it stands there all the same. */
const ACCEPTED: Record<string, string> = {
  '<body> element': 'the background of the body stands on the outermost cell as well',
  '<style> element': 'it has the colours for the dark and nothing else',
  '@media': 'without it the mail is light, or as the program itself darkens it',
  'align attribute': 'where it is not read, text begins at its left and the card fills the window',
  'background-color': 'without it the mail is dark text on white, and the button a link; Orange drops some values only',
  background: 'found for background-color, which the programs that know no images and gradients take',
  border: 'Outlook draws none around inline boxes: the cell around the button has the colour',
  'border-radius': 'corners are square',
  'cellpadding attribute': 'it is 0: where it is not read, a pixel is added',
  'cellspacing attribute': 'it is 0: where it is not read, two pixels are added',
  'dir attribute': 'languages from the right are aligned by hand as well',
  display: 'only inline-block and none are used; without the first the button is as high as its line',
  'display:none': 'the preview is hidden by its height and its size too, and from Outlook by mso-hide',
  'font-size': 'lengths are pixels, which all take; found for units that are not used',
  'font-weight': 'lighter or bolder by a step',
  'height property': 'only the door has one, which is decoration',
  'lang attribute': 'a reader then guesses the language',
  'letter-spacing': 'the code is in two groups without it',
  'line-height': 'lines are a little closer',
  'mailto: links': 'the address stands there in the clear',
  margin: 'paragraphs are closer together or further apart; found for negative and auto values, which are not used',
  'max-width': 'Outlook has a table of 480 pixels around; elsewhere the card fills the window',
  overflow: 'only of the preview, see display:none',
  padding: 'Outlook takes it on cells; the button has mso-padding-alt',
  'role attribute': 'a reader may announce the table; the order is right without it',
  'text-decoration': 'the word of the button is underlined',
  'width attribute': 'the table around is for Outlook alone, which reads it',
  'width property': 'only the door has one',
  'word-break': 'the link in clear makes the card wider than a phone; the button comes before it',
};

/** Rules for pages that mails have to break. */
const NOT_FOR_MAILS = {
  'no-conditional-comment': 'off', // Outlook's width
  'no-deprecated-attr': 'off', // Outlook reads them, and no style sheet for some
  'no-inline-style': 'off', // Gmail reads style sheets in some accounts only
  'prefer-tbody': 'off', // tables are for layout alone
} as const;

async function htmlOfAMail(visitor: Visitor, mailbox: Mailbox): Promise<string> {
  await visitor.asksForALink();
  return String((await mailbox.next(visitor.address)).parsed.html);
}

test('mail programs support what the mail is made of, or lose nothing that matters', async ({ visitor, mailbox }) => {
  const { issues } = caniemail({ clients: ['*'], html: await htmlOfAMail(visitor, mailbox) });
  const found = [...issues.errors.values(), ...issues.warnings.values()].flat().map(({ title }) => title);
  expect([...new Set(found)].sort()).toEqual(Object.keys(ACCEPTED).sort());
});

test('the html of the mail is valid', async ({ visitor, mailbox }) => {
  const validator = new HtmlValidate({ extends: ['html-validate:recommended'], rules: NOT_FOR_MAILS });
  const { results } = await validator.validateString(await htmlOfAMail(visitor, mailbox));
  expect(results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`))).toEqual([]);
});

test('the validators find what is wrong in a mail', async () => {
  const html = '<div style="display:grid"><p>one</div>';
  expect(caniemail({ clients: ['outlook.windows'], html }).success).toBe(false);
  const validator = new HtmlValidate({ extends: ['html-validate:recommended'], rules: NOT_FOR_MAILS });
  expect((await validator.validateString(html)).valid).toBe(false);
});

test('the mail fits a narrow phone and can be read by day and in the dark', async ({ visitor, mailbox, anotherBrowser }) => {
  const html = await htmlOfAMail(visitor, mailbox);
  // A page of nobody, whose policy would forbid the styles; axe is a script.
  const { page } = await anotherBrowser({ javaScriptEnabled: true });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.setContent(html);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(320);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, help }) => `${id}: ${help}`), colorScheme).toEqual([]);
  }
  const button = page.getByRole('link', { name: 'Sign in' });
  const code = page.locator('td.code');
  const [above, below] = await Promise.all([button.boundingBox(), code.boundingBox()]);
  expect(above?.height).toBeGreaterThanOrEqual(44);
  expect(above?.y).toBeLessThan(below?.y ?? 0);
  expect(await code.evaluate((cell) => parseFloat(getComputedStyle(cell).fontSize))).toBeGreaterThanOrEqual(28);
});
