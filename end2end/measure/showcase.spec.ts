/** The picture in README.md: three pages on telephones, side by side. */
import { join } from 'node:path';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const FILE = join(import.meta.dirname, '../../docs/screenshot.png');
const WINDOW = { width: 390, height: 780 };

test.use({ settings: { SITE_NAME: 'Acme Tools' }, viewport: WINDOW, deviceScaleFactor: 1.5 });

async function picture({ page }: Visitor): Promise<string> {
  return `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
}

test('the picture in the README', async ({ visitor, mailbox, context }) => {
  await visitor.opens('/login');
  await visitor.addressField.fill('ada@example.com');
  const pictures = [await picture(visitor)];
  await visitor.asksHere('ada@example.com');
  await visitor.waitsForScripts();
  pictures.push(await picture(visitor));
  await visitor.clicksTheLinkIn(await mailbox.next('ada@example.com'));
  await expect(visitor.heading('You are in')).toBeVisible();
  await visitor.page.emulateMedia({ colorScheme: 'dark' });
  await visitor.opens('/sessions');
  pictures.push(await picture(visitor));

  const album = await context.newPage();
  await album.setViewportSize({ width: 1290, height: 840 });
  const frames = pictures.map((source) => `<img src="${source}" width="390" height="780" alt="">`).join('');
  await album.setContent(`<style>
    body { margin: 0; height: 840px; display: flex; justify-content: center; align-items: center; gap: 30px; }
    img { border-radius: 28px; box-shadow: 0 0 0 1px #8886, 0 12px 24px -10px #0005; }
  </style>${frames}`);
  await album.screenshot({ path: FILE, omitBackground: true });
});
