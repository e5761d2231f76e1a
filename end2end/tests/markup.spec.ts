import { expect, test } from '../support/test.ts';

// What validators say of the markup of every page is in tests/accessibility/.

test('a page says what it is to whoever finds it', async ({ visitor }) => {
  await visitor.opens('/login');
  await expect(visitor.page.locator('meta[name=description]')).toHaveAttribute('content', /mail/);
});

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
