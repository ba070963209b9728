import { expect, test, type Page } from '@playwright/test';
import { signIn } from './entry';
import { isCleanByDayAndNight } from './fit';

const editor = (page: Page) => page.getByRole('textbox', { name: 'Text', exact: true });
const problems = (page: Page) => page.getByRole('region', { name: 'Problems' });

/** Makes a flow from a template; tests take away what they make. */
async function make(page: Page, template: string): Promise<void> {
  await page.goto('/flows');
  await page.getByRole('button', { name: 'New flow' }).first().click();
  await page.getByLabel('Title').fill(`Trial ${Date.now()}`);
  await page.getByText(template, { exact: true }).click();
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(/\/flows\/\d+/);
}
async function takeAway(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete flow' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/flows$/);
}

test.beforeEach(({ page }) => signIn(page, 'Manager'));

for (const template of ['Ask and file a request', 'Welcome menu', 'Outside hours', 'Almost empty']) {
  test(`the template “${template}” has no problems`, async ({ page }) => {
    await make(page, template);
    await expect(problems(page).getByText('No problems')).toBeVisible();
    await takeAway(page);
  });
}

test('a flow is drawn, tried, and refused with the line that is wrong', async ({ page }) => {
  await make(page, 'Almost empty');
  await expect(page.locator('.svelte-flow__node').first()).toBeVisible({ timeout: 15_000 });

  await page.getByRole('textbox', { name: 'Text message' }).fill('hello');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('Hello!')).toBeVisible();

  await editor(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('nonsense: 1\n');
  const problem = problems(page).getByRole('button').first();
  await expect(problem).toContainText('line');
  await page.getByRole('button', { name: /^Save/ }).click();
  await expect(page.getByText('Unsaved changes')).toBeVisible();

  // What was typed and not saved is still there after a reload.
  await page.reload();
  await expect(page.getByText('What you typed and did not save is still here.')).toBeVisible();
  await page.getByRole('button', { name: 'Drop it' }).click();
  await expect(problems(page).getByText('No problems')).toBeVisible();
  await takeAway(page);
});

test('the editor and its tabs are fit for all', async ({ page }) => {
  test.slow();
  await page.goto('/flows');
  await page.locator('a[href^="/flows/"]').first().click();
  await expect(page.locator('.svelte-flow__node').first()).toBeVisible({ timeout: 15_000 });
  for (const tab of ['Edit', 'Runs', 'Dry run', 'Versions']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true');
    await isCleanByDayAndNight(page);
  }
});
