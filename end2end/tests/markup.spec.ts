import { HtmlValidate } from 'html-validate';
import { places } from '../support/places.ts';
import { expect, test } from '../support/test.ts';

// What HTML itself demands. The house style of another project is not asked for.
const judge = new HtmlValidate({ extends: ['html-validate:standard'] });

for (const { name, arrive } of places) {
  test(`${name} is valid HTML from our server`, { tag: '@without-javascript' }, async ({ visitor, mailbox, anotherBrowser }) => {
    const drawn: string[] = [];
    visitor.page.on('response', async (response) => {
      const ours = response.headers()['content-security-policy'] !== undefined;
      if (response.request().resourceType() === 'document' && ours && response.status() !== 303) drawn.push(await response.text().catch(() => ''));
    });
    await arrive(visitor, { mailbox, anotherBrowser });
    await expect.poll(() => drawn.length).toBeGreaterThan(0);
    for (const html of drawn) {
      const { results } = await judge.validateString(html);
      const found = results.flatMap(({ messages }) => messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`));
      expect(found).toEqual([]);
      expect(html).not.toContain('<!>');
      expect(html.trimEnd()).toMatch(/<\/html>$/);
      expect(html).not.toMatch(/crossorigin="(?!anonymous")/);
      expect(html).toContain('<meta name="description"');
    }
  });
}

test('a page that only says something, or knows who is in, loads no client', { tag: '@with-javascript' }, async ({ visitor, mailbox }) => {
  const loaded: string[] = [];
  visitor.page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  const loads = async (path: string) => {
    loaded.length = 0;
    await visitor.opens(path);
    await visitor.page.waitForLoadState('networkidle');
    return loaded.filter((file) => /\.(wasm|js)$/.test(file)).length;
  };
  expect(await loads('/login')).toBe(2);
  expect(await loads('/verify?refusal=used')).toBe(0);
  expect(await loads('/verify?refusal=other_browser')).toBe(0);
  await visitor.asksAndSignsIn(mailbox);
  expect(await loads('/')).toBe(0);
  expect(await loads('/logout')).toBe(0);
});

test('the sign-in page says where it leads', async ({ visitor }) => {
  await visitor.opens('/reports/march?token=1');
  await expect(visitor.page.getByRole('main')).toContainText('To continue to /reports/march');
  await expect(visitor.page.getByRole('main')).not.toContainText('token');
});
