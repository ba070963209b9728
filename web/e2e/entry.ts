import { expect, type APIRequestContext, type Browser, type Locator, type Page } from '@playwright/test';
import { Phone } from './phone';

/** Signs in the way a person does who tries the demo. */
export async function signIn(page: Page, role: 'Owner' | 'Manager' | 'Agent' = 'Owner'): Promise<void> {
  await page.goto('/sign-in');
  await page
    .getByRole('region', { name: /demo company/ })
    .getByRole('button', { name: new RegExp(`^${role}`) })
    .first()
    .click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** A conversation's row in the list of the inbox. */
export const row = (page: Page, words: string) => page.locator('[data-row]').filter({ hasText: words });
/** Where a reply is written. */
export const composer = (page: Page) => page.getByRole('textbox', { name: /^Reply/ });
/** A message in the open conversation, by some of its words. */
export const said = (page: Page, words: string) =>
  page.getByRole('log').locator('[id^=message-]').filter({ hasText: words });
/** One's own menu, whose button names who is signed in. */
export const account = (page: Page) =>
  page.getByRole('navigation', { name: /Areas|Bereiche/ }).locator('button[aria-haspopup=menu]');

/** What a program must say that calls with a browser's cookie. */
export const SAME_SITE = { 'x-rapport': '1' };
const PASSWORD = 'a password of their own';

/** Calls in the name of the demo company's owner, whoever is at the desk. */
export async function ownerOf(browser: Browser): Promise<APIRequestContext> {
  const { request } = await browser.newContext();
  const { sign_ins } = await (await request.get('/api/setup')).json();
  const { email, password } = sign_ins.find((one: { role: string }) => one.role === 'owner');
  const data = { email, password };
  expect((await request.post('/api/session', { data, headers: SAME_SITE })).ok()).toBe(true);
  return request;
}

/** Invites somebody who then joins: a colleague whose desk is their own, for what colleagues must not disturb. */
export async function newColleague(owner: APIRequestContext, browser: Browser, role: string) {
  const email = `colleague-${Date.now()}@wanderstay.example`;
  const invited = await owner.post('/api/invitations', { data: { email, role }, headers: SAME_SITE });
  const token = (await invited.json()).link.split('/').at(-1);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const data = { name: 'Nina Novak', password: PASSWORD };
  const joined = await context.request.post(`/api/invitations/by-token/${token}`, {
    data,
    headers: SAME_SITE,
  });
  expect(joined.ok()).toBe(true);
  const { id } = await joined.json();
  return { id: id as number, page: await context.newPage(), email, password: PASSWORD };
}

/** Presses Tab until the focus is there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; !(await isThere()); presses += 1) {
    expect(presses, 'the focus gets there').toBeLessThan(80);
    await page.keyboard.press('Tab');
  }
}

/** Presses a button by its key, wherever the focus was. */
export async function press(target: Locator): Promise<void> {
  await target.focus();
  await target.press('Enter');
}

const OPEN = '[data-row][aria-current=true]';
/** Goes through the list by its keys until this row is open. */
export async function goTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  const open = () => page.evaluate((row) => document.querySelector<HTMLElement>(row)?.dataset.row, OPEN);
  const isAbove = (row: Element, open: string) => {
    const from = document.querySelector(open);
    return !!from && (from.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  };
  for (let steps = 0; (await wanted.getAttribute('aria-current')) !== 'true'; steps += 1) {
    expect(steps, 'the row is reached').toBeLessThan(80);
    const before = await open();
    await page.keyboard.press((await wanted.evaluate(isAbove, OPEN)) ? 'k' : 'j');
    await expect.poll(open).not.toBe(before);
  }
}

/** Takes an item of an open menu by typing how it begins. */
export async function choose(page: Page, name: string): Promise<void> {
  const item = page.getByRole('menuitem', { name });
  await expect(item).toBeVisible();
  await page.keyboard.type(name.split(' ')[0]!);
  await expect(item).toBeFocused();
  await page.keyboard.press('Enter');
}

/** Somebody texts, and is opened from the list by keys alone. */
export async function texted(page: Page, request: APIRequestContext, ...texts: string[]): Promise<Phone> {
  const phone = await Phone.pickUp(request);
  await page.goto('/inbox?view=all&sort=newest');
  for (const text of texts) await phone.text(text);
  await goTo(page, row(page, phone.number));
  await expect(said(page, texts.at(-1)!)).toBeVisible();
  return phone;
}

/** Signs in by typing who one is, whoever was signed in before. */
export async function signInByHand(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await tabTo(page, page.getByLabel('Email'));
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/inbox/);
}
