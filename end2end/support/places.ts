/**
 * Every page a person can come to, and the way there. Those of an app behind the gateway are with it
 * (tests/accessibility/gateway.spec.ts).
 */
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { clockPasses, nextSecond } from './clock.ts';
import type { Mailbox } from './mailbox.ts';
import { LISTED_DOMAIN, type Postern, type Settings } from './postern.ts';
import { freshAddress, REFUSAL, wrongCode, type Visitor } from './visitor.ts';

export interface Place {
  name: string;
  arrive: (
    visitor: Visitor,
    surroundings: { mailbox: Mailbox; anotherBrowser: () => Promise<Visitor>; postern: Postern },
  ) => Promise<void>;
}

export const places: Place[] = [
  {
    name: 'the sign-in page',
    arrive: async (visitor) => {
      await visitor.opens('/login');
      await expect(visitor.heading('Sign in')).toBeVisible();
    },
  },
  {
    name: 'the sign-in page with a malformed address',
    arrive: async (visitor) => {
      visitor.watch.expectRefusal(422);
      await visitor.opens('/login');
      await visitor.submitsAddress('alice.example.com');
      await expect(visitor.addressField).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'the sign-in page of a browser that waits for a mail',
    arrive: async (visitor) => {
      await visitor.asksForALink();
      await visitor.opens('/login');
      await expect(visitor.link('Type its code')).toHaveAttribute('href', '/login/sent');
    },
  },
  {
    name: 'the sign-in page of a browser that two people know',
    arrive: async (visitor, { mailbox }) => {
      for (const address of [freshAddress(), visitor.address]) {
        await visitor.asksForALink(address);
        await visitor.clicksTheLinkIn(await mailbox.next(address));
        await visitor.isIn();
        await visitor.signsOut();
      }
      await visitor.opens('/login');
      await expect(visitor.link('Somebody else?')).toBeVisible();
    },
  },
  {
    name: 'the page that says to check the inbox',
    arrive: (visitor) => visitor.asksForALink(),
  },
  {
    name: 'the page that says to check the inbox, after another mail',
    arrive: async (visitor) => {
      await visitor.asksForALink();
      await visitor.asksAgain();
      await expect(visitor.page.getByText('A new mail is on its way.')).toBeVisible();
    },
  },
  {
    name: 'the page that asks about a slip in the address and leads to the inbox',
    arrive: async (visitor) => {
      await visitor.asksForALink(freshAddress('gmial.com'));
      await expect(visitor.button(/^Did you mean/)).toBeVisible();
    },
  },
  {
    name: 'the page that says to check the inbox, with a wrong code',
    arrive: async (visitor, { mailbox }) => {
      visitor.watch.expectRefusal(422);
      await visitor.asksForALink();
      await visitor.submitsCode(wrongCode((await mailbox.next(visitor.address)).code));
      await expect(visitor.codeField).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'the refusal of a link from another browser',
    arrive: async (visitor, { mailbox, anotherBrowser }) => {
      const other = await anotherBrowser();
      await other.asksForALink(visitor.address);
      visitor.watch.expectRefusal(409);
      await visitor.clicksTheLinkIn(await mailbox.next(visitor.address));
      await visitor.isRefused(REFUSAL.otherBrowser);
    },
  },
  {
    name: 'the refusal of a code in a browser that did not ask',
    arrive: async (visitor) => {
      await visitor.opens('/verify?refusal=other_browser');
      await expect(visitor.link('Start here instead')).toHaveAttribute('href', '/login');
    },
  },
  {
    name: 'the refusal of a used link',
    // Where a form that was posted once too often is sent, while its first answer has signed the visitor in.
    arrive: async (visitor, { mailbox }) => {
      await visitor.asksAndSignsIn(mailbox);
      await visitor.opens('/verify?refusal=used');
      await visitor.isRefused(REFUSAL.used);
      await expect(visitor.link('Continue')).toHaveAttribute('href', '/');
    },
  },
  {
    name: 'the refusal of an older link',
    arrive: async (visitor, { mailbox }) => {
      await visitor.asksForALink();
      const older = await mailbox.next(visitor.address);
      await nextSecond();
      await visitor.asksForALink();
      visitor.watch.expectRefusal(410);
      await visitor.clicksTheLinkIn(older);
      await visitor.isRefused(REFUSAL.newer);
    },
  },
  {
    name: 'the refusal of an incomplete link',
    arrive: async (visitor) => {
      visitor.watch.expectPageStatus(422);
      await visitor.opens('/verify?token=half-a-link');
      await visitor.isRefused(REFUSAL.incomplete);
    },
  },
  {
    name: 'the home page',
    arrive: async (visitor, { mailbox }) => void (await visitor.asksAndSignsIn(mailbox)),
  },
  {
    name: 'the page of one\'s devices',
    arrive: async (visitor, { mailbox, anotherBrowser }) => {
      await visitor.asksAndSignsIn(mailbox);
      const other = await anotherBrowser();
      await other.asksForALink(visitor.address);
      await other.clicksTheLinkIn(await mailbox.next(visitor.address));
      await other.isIn();
      await visitor.opens('/sessions');
      await expect(visitor.button('Sign out all other devices')).toBeVisible();
    },
  },
  {
    name: 'the sign-out page',
    arrive: async (visitor, { mailbox }) => {
      await visitor.asksAndSignsIn(mailbox);
      await visitor.opens('/logout');
      await expect(visitor.heading('Sign out')).toBeVisible();
    },
  },
  {
    name: 'the sign-in page after signing out',
    arrive: async (visitor, { mailbox }) => {
      await visitor.asksAndSignsIn(mailbox);
      await visitor.signsOut();
      await expect(visitor.page.getByRole('status').first()).toContainText('You are signed out.');
    },
  },
  {
    name: 'the page that is not found',
    arrive: async (visitor, { mailbox }) => {
      await visitor.asksAndSignsIn(mailbox);
      visitor.watch.expectPageStatus(404);
      await visitor.opens('/some/page');
      await expect(visitor.heading('Page not found')).toBeVisible();
    },
  },
];

/** Pages of a server with other settings. */
interface Elsewhere {
  settings: Settings;
  places: Place[];
}

const LIFETIME = 3; // Seconds; long enough for the mail to come, short enough to wait for.

export const expired: Elsewhere = {
  settings: { LINK_MAX_AGE: String(LIFETIME) },
  places: [
    {
      name: 'the refusal of an expired link',
      arrive: async (visitor, { mailbox }) => {
        await visitor.asksForALink();
        const { link } = await mailbox.next(visitor.address);
        await clockPasses(Date.now() + (LIFETIME + 1) * 1000);
        visitor.watch.expectPageStatus(410);
        await visitor.opens(link);
        await visitor.isRefused(REFUSAL.expired);
      },
    },
    {
      name: 'the page that offers a new mail',
      arrive: async (visitor) => {
        await visitor.asksForALink();
        await clockPasses(Date.now() + (LIFETIME + 1) * 1000);
        await visitor.opens('/login/sent');
        await expect(visitor.button('Send a new mail')).toBeVisible();
      },
    },
  ],
};

export const limited: Elsewhere = {
  settings: { LIMIT_NETWORK: '1 per 1h' },
  places: [
    {
      name: 'the page that says to wait',
      arrive: async (visitor, { anotherBrowser }) => {
        const other = await anotherBrowser();
        await other.asksForALink();
        visitor.watch.expectRefusal(429);
        await visitor.opens('/login');
        await visitor.submitsAddress();
        await expect(visitor.page.getByRole('main')).toContainText('too often');
      },
    },
  ],
};

export const operators: Elsewhere = {
  settings: { ADMINS: JSON.stringify([`@${LISTED_DOMAIN}`]) },
  places: ['/admin', '/admin/events', '/admin/mails', '/admin/sessions'].map((path) => ({
    name: `the page of operators at ${path}`,
    arrive: async (visitor, { mailbox, anotherBrowser }) => {
      const other = await anotherBrowser();
      await other.asksAndSignsIn(mailbox);
      await visitor.asksAndSignsIn(mailbox);
      await visitor.opens(path);
      await expect(visitor.heading('Administration')).toBeVisible();
    },
  })),
};

export const development: Elsewhere = {
  settings: { LEPTOS_ENV: 'DEV', EMAIL_BACKEND: 'console' },
  places: [
    {
      name: 'the development inbox',
      arrive: async (visitor) => {
        await visitor.asksForALink();
        await visitor.findsTheMailInTheInbox();
      },
    },
  ],
};

export const broken: Elsewhere = {
  // A server of its own, because its database is destroyed.
  settings: { LINK_MAX_AGE: '299' },
  places: [
    {
      name: 'the page that says that something went wrong',
      arrive: async (visitor, { postern }) => {
        await visitor.asksForALink();
        visitor.watch.expectPageStatus(503);
        await expect(async () => {
          for (const name of ['postern.sqlite3', 'postern.sqlite3-wal']) await truncate(join(postern.folder, name));
          await visitor.opens('/login/sent');
          await expect(visitor.heading('Something went wrong')).toBeVisible({ timeout: 500 });
        }).toPass();
      },
    },
  ],
};
