import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';

/** What managers keep about journeys: questions under a name, rules that are tried as they are typed, fixes of friction. */

test('a view is saved under a name, opened by it, and forgotten', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/paths?days=all&steps=4');
  await page.getByRole('button', { name: 'Saved' }).click();
  const menu = page.getByRole('dialog', { name: 'Saved' });
  const name = `Ways ${Date.now()}`;
  await menu.getByLabel('Save this view as').fill(name);
  await menu.getByRole('button', { name: 'Save' }).click();
  await expect(menu.getByRole('link', { name })).toBeVisible();
  await isClean(page);
  await page.goto('/journeys/paths');
  await page.getByRole('button', { name: 'Saved' }).click();
  await menu.getByRole('link', { name }).click();
  await expect(page).toHaveURL(/days=all&steps=4/);
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: `Forget ${name}` }).click();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
});

test('a rule says while it is typed what it would take, or where it is wrong', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/touchpoints');
  await page.getByRole('button', { name: 'New touchpoint' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Rule').fill('kind == "page_viewed" && nmae == "Rooms"');
  await expect(dialog.getByText(/Line 1, character 26/)).toBeVisible();
  await dialog.getByLabel('Rule').fill('kind == "message_received"');
  await expect(dialog.getByText(/Takes [1-9][\d,]* of the last/)).toBeVisible();
  await isClean(page);
});

test('a fix has an owner and days, and is looked at before and after', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/friction?days=all');
  await page.getByRole('button', { name: 'Saved card used', exact: true }).click();
  const pane = page.getByRole('complementary', { name: 'Saved card used' });
  await pane.getByRole('button', { name: 'Plan a fix' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Owner').selectOption({ index: 1 });
  const monthAgo = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel('Fixed on').fill(monthAgo);
  await dialog.getByLabel('Note').fill('A new payment page');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const effect = pane.getByRole('region', { name: 'Before and after' });
  await expect(effect.getByText(/The same comparison with alike customers/)).toBeVisible();
  await expect(page.getByRole('row', { name: /Saved card used.*fixed on/ })).toBeVisible();
  await isClean(page);
  await pane.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: 'Forget this plan' }).click();
  await expect(pane.getByRole('button', { name: 'Plan a fix' })).toBeVisible();
});
