/** Whether a page is for everybody: what the tools say, and what no tool sees. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { HtmlValidate } from 'html-validate';
import { boxesStayBoxes, fits, HALF, NARROWEST, nothingMoves, tabStopsAreSeen, targetsAreLarge } from './everybody.ts';
import type { Visitor } from './visitor.ts';

/** The only rules that are not asked, each with its reason. */
const LEFT_OUT = {
  axe: {} as Record<string, string>,
  htmlValidate: {
    'void-style': 'how an element without content ends is taste: browsers read <br> and <br/> alike',
    'no-trailing-whitespace': 'templates leave it, and nobody sees it',
    'long-title': 'the title is the heading of its page and the name of the site, in the words of each language',
  } as Record<string, string>,
};

/** WCAG 2.2 up to AAA, and what axe calls best practice. */
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag21aaa', 'wcag22a', 'wcag22aa', 'wcag22aaa', 'best-practice'];

const html = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    ...Object.fromEntries(Object.keys(LEFT_OUT.htmlValidate).map((rule) => [rule, 'off'])),
    // A template is no part of the page until a script makes it one.
    'heading-level': ['error', { sectioningRoots: ['dialog', '[role="dialog"]', '[role="alertdialog"]', 'template'] }],
    'require-sri': ['error', { target: 'crossorigin' }], // What comes from our own server is as trusted as the page.
  },
});

const sniffer = readFile(createRequire(import.meta.url).resolve('html_codesniffer/build/HTMLCS.js'), 'utf8');

/** The page that is open is for everybody. */
export async function isForEverybody(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await test.step('the tools find nothing', () => theToolsFindNothing(visitor));
  await test.step('it fits 320 pixels', () => fits(page, NARROWEST));
  await test.step('it fits at 200 %', () => fits(page, HALF));
  await test.step('the Tab key leads through it, in sight', () => tabStopsAreSeen(page));
  await test.step('what is pressed is large', () => targetsAreLarge(page));
  await test.step('boxes stay boxes in forced colours', () => boxesStayBoxes(page));
  await test.step('nothing moves for whoever wants less movement', () => nothingMoves(page));
}

interface Look {
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
}

/** Colours do not depend on the width, nor the layout on the colours: two looks see all four. */
const LOOKS: Look[] = [
  { colorScheme: 'light', viewport: { width: 1280, height: 720 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
];

/**
 * No tool finds anything on the page that is open, in light and in dark, in a wide window and on a telephone, nor in the
 * HTML that the server sent for it.
 */
export async function theToolsFindNothing({ page, watch }: Visitor, looks = LOOKS): Promise<void> {
  const found = await invalidHtml(await watch.documentOf(page));
  for (const { colorScheme, viewport } of looks) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const finding of [...(await axe(page)), ...(await htmlCodeSniffer(page))]) found.push(`${colorScheme}: ${finding}`);
  }
  expect(found, page.url()).toEqual([]);
}

async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .exclude('iframe') // A mail in the development inbox is sandboxed: no script runs there, axe's neither.
    .withTags(AXE_TAGS)
    .disableRules(Object.keys(LEFT_OUT.axe))
    .analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `axe: ${id}: ${help}: ${html}`));
}

/** The errors by WCAG 2 AAA. Its warnings and notices are questions for people; docs/accessibility.md answers them. */
async function htmlCodeSniffer(page: Page): Promise<string[]> {
  await page.evaluate(await sniffer);
  return page.evaluate(async () => {
    interface Message {
      type: number;
      code: string;
      msg: string;
      element: Element;
    }
    const { HTMLCS } = window as unknown as {
      HTMLCS: { ERROR: number; process(standard: string, page: Document, done: () => void): void; getMessages(): Message[] };
    };
    await new Promise<void>((done) => HTMLCS.process('WCAG2AAA', document, done));
    const errors = HTMLCS.getMessages().filter(({ type }) => type === HTMLCS.ERROR);
    return errors.map(({ code, msg, element }) => `HTML_CodeSniffer: ${code}: ${msg}: ${element.outerHTML?.slice(0, 200)}`);
  });
}

async function invalidHtml(source: string): Promise<string[]> {
  const { results } = await html.validateString(source);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => {
      const there = source.split('\n')[line - 1]?.slice(column - 1, column + 120);
      return `html-validate: ${ruleId}: ${message}: ${there}`;
    }),
  );
}
