/** The languages, as a visitor meets them, and the pages that are looked at in each. */
import { expect } from '@playwright/test';
import { places, type Place } from './places.ts';
import type { Visitor } from './visitor.ts';

/** The languages that are offered: how each names itself, the title of /login in it, and the subject of its mail. */
export const LANGUAGES = [
  { code: 'de', name: 'Deutsch', title: 'Anmelden', subject: /^Anmeldecode für .+ \(\w+\)$/ },
  { code: 'es', name: 'Español', title: 'Iniciar sesión', subject: /^Código de acceso a .+ \(\w+\)$/ },
  { code: 'fr', name: 'Français', title: 'Connexion', subject: /^Code de connexion à .+ \(\w+\)$/ },
  { code: 'hi', name: 'हिन्दी', title: 'साइन इन करें', subject: /^.+ के लिए साइन इन कोड \(\w+\)$/ },
  { code: 'en', name: 'English', title: 'Sign in', subject: /^Sign-in code for .+ \(\w+\)$/ },
];

/** The pages of support/places.ts, and what a plain form is told on them, in its longest sentences. */
export const readPlaces: Place[] = [
  ...places,
  ...[
    '/login?refusal=malformed_address&fault=local_part',
    '/login?refusal=not_recognized',
    '/login?refusal=limited&n=3600',
    '/login?notice=start_here',
    '/verify?refusal=not_allowed',
    '/verify?refusal=not_ready',
  ].map((path): Place => ({ name: path, arrive: async (visitor) => void (await visitor.opens(path)) })),
  ...['wrong_code&n=0', 'wrong_code&n=4', 'code_locked', 'limited&n=61&at=code'].map(
    (refusal): Place => ({
      name: `/login/sent?refusal=${refusal}`,
      arrive: async (visitor) => {
        await visitor.asksForALink();
        await visitor.opens(`/login/sent?refusal=${refusal}`);
      },
    }),
  ),
];

/** Chooses a language in the footer; the same page comes back in it. */
export async function reads(visitor: Visitor, code: string): Promise<void> {
  const { page } = visitor;
  await visitor.waitsForScripts();
  const { pathname } = new URL(page.url());
  await page.getByRole('contentinfo').locator(`button[lang=${code}]`).click();
  await expect(page.locator('html')).toHaveAttribute('lang', code);
  expect(new URL(page.url()).pathname).toBe(pathname);
  await visitor.waitsForScripts();
}
