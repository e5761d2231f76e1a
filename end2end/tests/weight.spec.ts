import { expect, test } from '../support/test.ts';

/** What a first visit may weigh, in bytes: everything that is transferred, compressed, with its headers. */
const MOST = 80_000;

test('a first visit to the sign-in page weighs less than 80 kB', { tag: '@with-javascript' }, async ({ visitor }) => {
  const sizes: Promise<[string, number]>[] = [];
  visitor.context.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => [pathname, responseBodySize + responseHeadersSize]));
  });
  await visitor.opens('/login');
  await visitor.waitsForScripts();
  await expect.poll(async () => (await Promise.all(sizes)).filter(([path]) => path.endsWith('.wasm')).length).toBe(1);
  const files = await Promise.all(sizes);
  const weight = files.reduce((sum, [, size]) => sum + size, 0);
  expect(weight, JSON.stringify(files)).toBeLessThan(MOST);
});
