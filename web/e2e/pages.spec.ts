import { expect, test, type Page } from '@playwright/test';
import { signIn } from './entry';
import { fitsItsScreen, isClean, isCleanByDayAndNight, PAGES } from './fit';

/** Nothing for axe to find, light, dark and on a phone, and nothing that sticks out of its screen. */
async function isFitForAll(page: Page): Promise<void> {
  await isCleanByDayAndNight(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await isClean(page);
  await fitsItsScreen(page);
}

for (const [path, sign] of PAGES) {
  test(`${path} opens and is fit for all`, async ({ page }) => {
    await signIn(page);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: sign, exact: true })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await isFitForAll(page);
  });
}

test('a customer’s file is fit for all', async ({ page }) => {
  await signIn(page);
  await page.goto('/customers?q=Irene+Vogel');
  await page.locator('a[href^="/customers/"]').filter({ hasText: 'Irene Vogel' }).click();
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await isFitForAll(page);
});

test('a table is a stack of cards on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  await page.goto('/flows');
  const table = page.getByRole('region', { name: 'Flows' });
  await expect(table.getByRole('link').first()).toBeVisible();
  expect(await table.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  const heading = (cell: Element) => getComputedStyle(cell, '::before').content;
  expect(await table.locator('tbody td').nth(2).evaluate(heading)).toBe('"Starts with"');
});

test('anyone can be a customer, without signing in', async ({ page }) => {
  await page.goto('/phone');
  await expect(page).toHaveURL(/from=%2B120255501\d\d/);
  const words = `hello ${Date.now()}`;
  await page.getByRole('textbox', { name: 'Text message' }).fill(words);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText(words)).toBeVisible();
  await isFitForAll(page);
});

test('a chat’s settings, and the page that is nothing but the chat, are fit for all', async ({ page }) => {
  await signIn(page);
  const { items } = await (await page.request.get('/api/channels')).json();
  const { id } = items.find((one: { kind: string }) => one.kind === 'chat');
  await page.goto(`/settings/channels/${id}`);
  await page.getByRole('button', { name: 'Add a question' }).click();
  await expect(page.getByLabel('The answer is')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await isFitForAll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/talk/${id}`);
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Write a message' })).toBeVisible();
  await isFitForAll(page);
  await page.goto('/talk/999');
  await expect(page.getByText('There is no chat here')).toBeVisible();
});

test('a number is told what it means and opens the conversations behind it', async ({ page }) => {
  await signIn(page);
  await page.goto('/reports?days=90');
  await page.getByRole('button', { name: /^First response: show/ }).click();
  const drawer = page.getByRole('dialog', { name: 'First response' });
  await expect(drawer.locator('a[href^="/inbox/"]').first()).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    drawer.getByRole('link', { name: 'CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^first_response-.*\.csv$/);
});

test('a team is made, and taken away again', async ({ page }) => {
  await signIn(page);
  await page.goto('/settings/teams');
  const name = `Night shift ${Date.now()}`;
  await page.getByRole('button', { name: 'New team' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: `More: ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('cell', { name, exact: true })).toHaveCount(0);
});

test('a token is shown once', async ({ page }) => {
  await signIn(page);
  await page.goto('/settings/tokens');
  const name = `site ${Date.now()}`;
  await page.getByRole('button', { name: 'New token' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  const shown = page.getByRole('textbox', { name: 'Your new token' });
  await expect(shown).not.toHaveValue('');
  const token = await shown.inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('cell', { name, exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(token);
});

test('who may not manage is not offered to', async ({ page }) => {
  await signIn(page, 'Agent');
  await page.goto('/settings/teams');
  await expect(page.getByRole('heading', { level: 1, name: 'Teams' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New team' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'API tokens' })).toHaveCount(0);
});
