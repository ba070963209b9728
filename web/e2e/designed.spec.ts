import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';

/** The designed journey: held against what was found, drawn, and where one customer is in it; ways and credits beside it. */

test('a deviation leads to the people who left the design, and to their words', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/conformance?days=all');
  const table = page.getByRole('region', { name: 'What customers do otherwise' });
  await page.getByLabel('How', { exact: true }).selectOption('inserted');
  await expect(page).toHaveURL(/kind=inserted/);
  await table.getByRole('button', { name: 'Payment failed' }).click();
  await expect(page).toHaveURL(/on=inserted-\d+/);
  const pane = page.getByRole('complementary', { name: 'Payment failed' });
  await expect(pane.getByRole('link', { name: /card|payment|book/i }).first()).toBeVisible();
  await isClean(page);
  await pane.locator('a[href^="/customers/"]').first().click();
  await expect(page).toHaveURL(/\/customers\/\d+/);
});

test('the journey is drawn with the keyboard, and told as a list', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys?shape=draw');
  const place = page.locator('button[id^="draw-"]', { hasText: 'City tax added' });
  await expect(place).toHaveAccessibleName(/Book.*Not designed/);
  await place.focus();
  await page.keyboard.press('o');
  await expect(place).toHaveAccessibleName(/Optional/);
  await page.keyboard.press('a');
  await expect(place).toHaveAccessibleName(/May come again/);
  await page.keyboard.press('Alt+ArrowRight');
  await expect(place).toHaveAccessibleName(/Stay/);
  await expect(place).toBeFocused();
  await isClean(page);

  await page.getByText('List', { exact: true }).click();
  const stay = page.getByRole('region', { name: 'Stay' });
  await expect(stay.getByRole('listitem').filter({ hasText: 'City tax added' })).toContainText('Optional');
  await stay.getByRole('button', { name: 'City tax added' }).click();
  const pane = page.getByRole('complementary', { name: 'City tax added' });
  await pane.getByLabel('Stage').selectOption({ label: 'Book' });
  await expect(
    page.getByRole('region', { name: 'Book' }).getByRole('button', { name: 'City tax added' }),
  ).toBeVisible();
  const role = pane.getByRole('region', { name: 'In the designed journey' });
  await role.getByText('Not designed', { exact: true }).click();
  await expect(
    page.getByRole('region', { name: 'Book' }).getByRole('listitem').filter({ hasText: 'City tax added' }),
  ).not.toContainText('Optional');
  await isClean(page);
});

test('a touchpoint that is dragged into a stage becomes a part of its design', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys?shape=draw');
  const place = page.locator('button[id^="draw-"]', { hasText: 'Room not ready' });
  const target = page.locator('button[id^="draw-"]', { hasText: 'Review written' });
  const [from, to] = [await place.boundingBox(), await target.boundingBox()];
  await page.mouse.move(from!.x + 60, from!.y + 20);
  await page.mouse.down();
  await page.mouse.move(to!.x + 60, to!.y + 10, { steps: 12 });
  await page.mouse.up();
  await expect(place).toHaveAccessibleName(/Return.*Optional/);
  await place.focus();
  await page.keyboard.press('n');
  await expect(place).toHaveAccessibleName(/Not designed/);
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(place).toHaveAccessibleName(/Stay/);
});

test('whole ways, steps and credits are shown', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/variants?days=all');
  await page.getByRole('region', { name: 'Variants' }).getByRole('button').nth(2).click();
  await expect(page.getByRole('complementary', { name: /A way of/ })).toBeVisible();
  await isClean(page);
  await page.getByText('Step by step', { exact: true }).click();
  await expect(page.getByRole('rowheader', { name: 'Way has ended' })).toBeVisible();
  await page.goto('/journeys/attribution?days=all');
  await expect(page.getByRole('img', { name: /^Credit by touchpoint/ })).toBeVisible();
  await isClean(page);
  await page.getByText('Table', { exact: true }).click();
  await expect(page.getByRole('region', { name: 'Attribution' })).toContainText('Rooms');
  await isClean(page);
});

test("a customer's file says where they are, and its timeline is narrowed and searched", async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/conformance?days=all&on=');
  const row = page.getByRole('button', { name: 'Payment failed' });
  await row.click();
  await page.getByRole('complementary').locator('a[href^="/customers/"]').first().click();
  await expect(page.getByRole('heading', { name: 'Where they are' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'here now' })).toHaveCount(1);
  const events = page.getByRole('heading', { name: 'Timeline' }).locator('..').getByRole('listitem');
  await page.getByLabel('Find in the timeline').fill('payment fail');
  await expect(events.first()).toContainText('Payment failed');
  await page.getByLabel('Which events to show').selectOption('notes');
  await expect(page.getByText('Nothing fits.')).toBeVisible();
  await isClean(page);
});
