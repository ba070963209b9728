import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';

/** Segments: what a rule finds is shown while it is written, and who belongs has a map of their own. */

test('a segment is written, tried, opened, and asked for its map', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/segments');
  await page.getByRole('button', { name: 'New segment' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Failed to pay lately');
  const rule = dialog.getByLabel('Who belongs to it');
  await rule.fill('did("Payment faild")');
  await expect(dialog.getByText('No touchpoint is called “Payment faild”')).toBeVisible();
  await rule.fill('did("track:Payment failed", "26 weeks")');
  await expect(dialog.getByRole('status')).toContainText(
    /Of the newest 1,000 customers [1-9]\d* belong to it/,
  );
  await isClean(page);
  await dialog.getByRole('button', { name: 'Save' }).click();

  const row = page.getByRole('row', { name: /Failed to pay lately/ });
  // All customers are looked at one after the other, which a busy machine takes its time for.
  await expect(row).not.toContainText('counting', { timeout: 60_000 });
  await expect(row).toContainText(/[1-9]\d*/);
  await row.getByRole('button', { name: 'Failed to pay lately', exact: true }).click();
  const pane = page.getByRole('complementary', { name: 'Failed to pay lately' });
  await expect(pane.locator('a[href^="/customers/"]')).toHaveCount(20);
  await expect(pane.getByText(/20 of \d+/)).toBeVisible();
  await pane.getByRole('button', { name: 'Show more' }).click();
  await expect(pane.locator('a[href^="/customers/"]')).toHaveCount(120);
  await pane.getByRole('link', { name: 'Their map' }).click();
  await expect(page).toHaveURL(/\/journeys\?segment=\d+/);
  await expect(page.getByLabel('Segment')).toHaveValue(/\d+/);
  await expect(page.locator('[id^="place-"]').first()).toBeVisible();
});

test('the page of segments tells what it is for and is clean', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/segments');
  await expect(
    page.getByRole('heading', { name: 'Journeys' }).or(page.getByText('keep themselves up to date')),
  ).toBeVisible();
  await isClean(page);
});
