import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';
import { Phone } from './phone';

/** What managers do on the pages about journeys, with what happened in the demo company. */

const places = (page: Page) => page.locator('[id^="place-"]');

async function openMap(page: Page, query = '?days=all&detail=100'): Promise<void> {
  await page.goto(`/journeys${query}`);
  await expect(places(page).first()).toBeVisible();
}

test('a way on the map leads to the people who took it, and to their file', async ({ page }) => {
  await signIn(page);
  await openMap(page);
  const way = page.locator('.svelte-flow__edge[tabindex="0"]').first();
  await way.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/on=\d+-\d+/);
  const pane = page.getByRole('complementary', { name: /→/ });
  await expect(pane.getByText('Nine in ten take at most')).toBeVisible();
  const person = pane.getByRole('region', { name: 'People' }).locator('a[href^="/customers/"]').first();
  await expect(person).toBeVisible();
  await isClean(page);
  await person.click();
  await expect(page).toHaveURL(/\/customers\/\d+/);
});

test('the arrows walk over the map, and Enter opens', async ({ page }) => {
  await signIn(page);
  await openMap(page);
  const from = page.locator('[id^="place-"][tabindex="0"]');
  await from.focus();
  const first = await from.getAttribute('id');
  for (const arrow of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowLeft']) {
    await page.keyboard.press(arrow);
    if ((await page.evaluate(() => document.activeElement?.id)) !== first) break;
  }
  const reached = await page.evaluate(() => document.activeElement?.id);
  expect(reached).toMatch(/^place-\d+$/);
  expect(reached).not.toBe(first);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`on=${reached!.slice('place-'.length)}(&|$)`));
  const people = page.getByRole('complementary').getByRole('region', { name: 'People' });
  await expect(people.locator('a[href^="/customers/"]').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary').getByRole('region', { name: 'People' })).toBeHidden();
});

test('the map is told as a table, too', async ({ page }) => {
  await signIn(page);
  await openMap(page);
  const count = await places(page).count();
  await page.getByText('Table', { exact: true }).click();
  const table = page.getByRole('region', { name: 'Touchpoints' });
  await expect(table.getByRole('row')).toHaveCount(count + 1);
  await page.getByRole('region', { name: 'Ways between them' }).getByRole('button').first().click();
  await expect(page.getByRole('complementary', { name: /→/ })).toBeVisible();
  await isClean(page);
});

test('a touchpoint that is put into a stage moves to its lane', async ({ page }) => {
  await signIn(page);
  await openMap(page);
  const name = await places(page).first().locator('.truncate').first().innerText();
  await page.goto('/journeys/touchpoints');
  const stage = `Stage ${Date.now()}`;
  await page.getByRole('button', { name: 'New stage' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill(stage);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const lane = page.getByRole('region', { name: stage });
  await expect(lane).toBeVisible();

  const choice = page.getByRole('combobox', { name: `Stage of ${name}`, exact: true });
  const before = await choice.inputValue();
  await choice.selectOption({ label: stage });
  await expect(lane.getByText(name, { exact: true }).first()).toBeVisible();

  await openMap(page);
  const place = page.getByRole('button', { name: new RegExp(`^${escape(name)}, ${stage}`) });
  await expect(place).toBeVisible();

  await page.goto('/journeys/touchpoints');
  await choice.selectOption(before);
  await page.getByRole('button', { name: `More: ${stage}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(lane).toHaveCount(0);
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('a rule that cannot be read is refused beside its field', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/touchpoints');
  await page.getByRole('button', { name: 'New touchpoint' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Nowhere');
  await dialog.getByLabel('Rule').fill('kind == ');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByLabel('Rule')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('a funnel is built by choosing, and taken away as a table and a picture', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/funnels?days=all');
  for (const index of [0, 1]) {
    await page.getByRole('button', { name: 'Add step' }).click();
    await page.getByRole('dialog').getByRole('option').nth(index).click();
  }
  await expect(page).toHaveURL(/steps=\d+%2C\d+/);
  await expect(page.getByRole('img', { name: /^Bars for the steps/ })).toBeVisible();
  for (const [button, file] of [
    ['CSV', 'funnel.csv'],
    ['PNG', 'funnel.png'],
  ] as const) {
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(file);
  }
  await page.getByText('Table', { exact: true }).click();
  await page.getByRole('region', { name: 'Steps of the funnel' }).getByRole('button').last().click();
  const passed = page.getByRole('region', { name: 'Passed this step' });
  await expect(passed.locator('a[href^="/customers/"]')).toHaveCount(6);
  await passed.getByRole('button', { name: 'Show more' }).click();
  await expect(passed.locator('a[href^="/customers/"]')).toHaveCount(56);
  await passed.getByRole('button', { name: 'Show more' }).click();
  await expect(passed.locator('a[href^="/customers/"]')).toHaveCount(106);
  await isClean(page);
});

test('the map takes in what happens while it is looked at', async ({ page, request }) => {
  await signIn(page);
  await openMap(page);
  const visits = page.getByRole('listitem').filter({ hasText: 'visits to touchpoints' });
  await expect(visits).toBeVisible();
  const before = (await visits.textContent())!;
  const phone = await Phone.pickUp(request);
  await phone.text('Is there a crib in the room?');
  await expect(visits).not.toHaveText(before, { timeout: 20_000 });
});

/** How many dark pixels of a picture lie where each of a chart's labels stands on the page. */
async function inkOfLabels(page: Page, png: string): Promise<number[]> {
  return page.evaluate(async (png) => {
    const chart = document.querySelector('svg.chart')!;
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const [canvas, frame] = [document.createElement('canvas'), chart.getBoundingClientRect()];
    [canvas.width, canvas.height] = [image.width, image.height];
    const [brush, scale] = [canvas.getContext('2d')!, image.width / frame.width];
    brush.drawImage(image, 0, 0);
    return [...chart.querySelectorAll('text.name')].map((label) => {
      const { x, y, width, height } = label.getBoundingClientRect();
      const place = [x - frame.x, y - frame.y, width, height].map((side) => Math.round(side * scale));
      const { data } = brush.getImageData(...(place as [number, number, number, number]));
      return data.filter((value, index) => index % 4 === 1 && value < 110).length;
    });
  }, png);
}

test('paths as a picture can be read as on the page', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/paths');
  await expect(page.locator('svg.chart text.name').first()).toBeVisible();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'PNG' }).click(),
  ]);
  const ink = await inkOfLabels(page, (await readFile(await saved.path())).toString('base64'));
  expect(ink.length).toBeGreaterThan(5);
  expect(Math.min(...ink)).toBeGreaterThan(40);
});

test('a funnel leaves out who came another way, and is split by segment', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/funnels?days=all');
  for (const index of [0, 1]) {
    await page.getByRole('button', { name: 'Add step' }).click();
    await page.getByRole('dialog').getByRole('option').nth(index).click();
  }
  await page.getByRole('button', { name: 'Leave out' }).click();
  await page
    .getByRole('dialog')
    .getByRole('option', { name: /Reviews/ })
    .click();
  await expect(page).toHaveURL(/exclude=\d+/);
  await expect(page.getByText('only past what is left out')).toBeVisible();
  await page.getByLabel('Split by').selectOption('By segment');
  await expect(page).toHaveURL(/breakdown=segments/);
  await expect(page.getByRole('region', { name: 'By segment' })).toContainText('Everybody else');
  await isClean(page);
  await page.reload();
  await expect(page.getByRole('region', { name: 'By segment' })).toContainText('Everybody else');
  await page.getByLabel('Split by').selectOption('By channel of the first step');
  await expect(page.getByRole('region', { name: 'By channel of the first step' })).toBeVisible();
});

test('retention and attribution are asked by their own rules', async ({ page }) => {
  await signIn(page);
  await page.goto('/journeys/retention');
  const answered = page.waitForResponse((one) => /is_rolling=true/.test(one.url()) && one.ok());
  await page.getByLabel('Who begins').selectOption('Begin: anew in each period');
  await page.getByLabel('When one must be back').selectOption('Back in the period or later');
  await page.getByLabel('How often makes a return').selectOption('At least 2 times');
  await page.getByLabel('How periods are counted').selectOption("From each customer's own beginning");
  expect((await answered).url()).toMatch(/begins=anew.*is_rolling=true.*at_least=2.*or_later=true/);
  await expect(page.getByText('A week is the 7 days from when')).toBeVisible();
  await page.goto('/journeys/attribution?days=all&model=time_decay');
  await page.getByLabel('After how long a touch counts half').selectOption('Half after 3 days');
  await expect(page.getByText('half as much for every 3 days')).toBeVisible();
});
