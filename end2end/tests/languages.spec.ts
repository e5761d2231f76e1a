import { LANGUAGES, reads } from '../support/languages.ts';
import { expect, test } from '../support/test.ts';

for (const { code, name, title, subject } of LANGUAGES.filter(({ code }) => code !== 'en')) {
  test(`${name} is remembered by the browser, spoken in another tab, and written in the mail`, async ({ visitor, mailbox }) => {
    await visitor.opens('/login?next=%2Flogout');
    await reads(visitor, code);
    await expect(visitor.page).toHaveURL('/login?next=%2Flogout');
    const tab = await visitor.opensATab();
    await tab.opens('/login');
    await expect(tab.heading(title)).toBeVisible();
    await tab.waitsForScripts();
    await tab.page.locator('#email').fill(visitor.address);
    await tab.page.locator('main button[type=submit]').click();
    await expect(tab.page).toHaveURL('/login/sent');
    const mail = await mailbox.next(visitor.address);
    expect(mail.parsed.subject).toMatch(subject);
    expect(mail.parsed.headers.get('content-language')).toBe(code);
  });
}

test('a browser that asks for German reads German, and English where it asks for what nobody speaks', async ({ browser, postern, javaScriptEnabled }) => {
  for (const [locale, lang] of [['de-AT', 'de'], ['tlh', 'en']] as const) {
    const context = await browser.newContext({ locale, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`${postern.url}/login`);
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    await context.close();
  }
});

test('a half-typed address is still there in the other language @with-javascript', async ({ visitor }) => {
  await visitor.opens('/login');
  await visitor.waitsForScripts();
  await visitor.addressField.fill('somebody@exa');
  await reads(visitor, 'de');
  await expect(visitor.page.locator('#email')).toHaveValue('somebody@exa');
  // Once only: it is not kept for whoever comes next.
  await visitor.opens('/login');
  await expect(visitor.page.locator('#email')).toHaveValue('');
  await visitor.waitsForScripts();
});

test('what went wrong is told in German by an island too @with-javascript', async ({ visitor }) => {
  visitor.watch.expectRefusal(422);
  await visitor.opens('/login');
  await reads(visitor, 'de');
  await visitor.page.locator('#email').fill('somebody');
  await visitor.button('Link schicken').click();
  await expect(visitor.page.getByRole('alert')).toContainText('In der Adresse fehlt das @.');
});
