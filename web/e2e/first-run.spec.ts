import { expect, test, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, press, tabTo } from './entry';
import { isCleanByDayAndNight, fitsItsScreen } from './fit';

/** The first hour of a company of one's own: a server on an empty folder, its first owner, a colleague by invitation. */

const server = `127.0.0.1:${30_000 + (process.pid % 10_000)}`;
const at = (path: string) => `http://${server}${path}`;
let running: ChildProcess;
let data = '';
let link = '';

test.beforeAll(async () => {
  // Not before: whoever only lists the tests reads this file, too.
  data = mkdtempSync(join(tmpdir(), 'rapport-first-run-'));
  running = spawn(process.env.RAPPORT_BIN!, ['serve', '--data', data, '--listen', server]);
  const isReady = () =>
    fetch(at('/readyz')).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
});
test.afterAll(async () => {
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill();
  await ended;
  rmSync(data, { recursive: true });
});

async function isFit(page: Page): Promise<void> {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await isCleanByDayAndNight(page);
    await fitsItsScreen(page);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Fills fields one after the other, as Tab leads from one to the next, and sends them off. */
async function fillIn(page: Page, first: string, words: string[]): Promise<void> {
  await tabTo(page, page.getByLabel(first, { exact: true }));
  for (const [index, word] of words.entries()) {
    if (index > 0) await page.keyboard.press('Tab');
    await page.keyboard.type(word);
  }
  await page.keyboard.press('Enter');
}

// The second goes on where the first has led the company.
test.describe.configure({ mode: 'serial' });

test('the first owner sets the company up and invites a colleague, who joins', async ({ page, browser }) => {
  // Wherever one comes from, the first thing is to set up.
  await page.goto(at('/inbox'));
  await expect(page).toHaveURL(/\/setup$/);
  await expect(page.getByRole('heading', { name: 'Set up Rapport' })).toBeVisible();
  await isFit(page);
  await fillIn(page, 'Company', ['Lakeside', 'Olga Owner', 'olga@lakeside.example', 'a good long password']);
  await expect(page).toHaveURL(/\/inbox/);
  await expect(account(page)).toHaveAccessibleName('Olga Owner, Available');
  await expect(page.getByText('Nobody here')).toBeVisible();

  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await press(page.getByRole('link', { name: 'People' }));
  await press(page.getByRole('button', { name: 'Invite' }));
  await page.keyboard.type('ben@lakeside.example');
  await page.keyboard.press('Enter');
  link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  await page.keyboard.press('Escape');

  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(link);
  await expect(theirs.getByText('Lakeside invited ben@lakeside.example.')).toBeVisible();
  await isFit(theirs);
  await fillIn(theirs, 'Your name', ['Ben Newman', 'another long password']);
  await expect(theirs).toHaveURL(/\/inbox/);
  await expect(account(theirs)).toHaveAccessibleName('Ben Newman, Available');
  await expect(theirs.getByText('Nobody here')).toBeVisible();

  await page.reload();
  const people = page.getByRole('region', { name: 'People' });
  await expect(people.getByRole('row', { name: /Ben Newman/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Invitations' })).toHaveCount(0);
});

test('the link is used up, and a company that is set up asks to sign in', async ({ page }) => {
  await page.goto(link);
  await expect(page.getByText('This invitation was used')).toBeVisible();
  await page.goto(at('/setup'));
  await expect(page).toHaveURL(/\/sign-in$/);
  await isFit(page);
  await fillIn(page, 'Email', ['ben@lakeside.example', 'another long password']);
  await expect(account(page)).toHaveAccessibleName('Ben Newman, Available');
});
