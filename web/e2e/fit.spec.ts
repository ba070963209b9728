import { expect, test, type Browser, type Page } from '@playwright/test';
import { choose, newColleague, ownerOf, press, SAME_SITE, signIn, signInByHand } from './entry';
import { fitsItsScreen, isCleanByDayAndNight, PAGES } from './fit';

/** The desk for everybody: by day and by night, on a phone, with a dialog open, in German. */

const SCREENS = [
  [1440, 900],
  [390, 844],
] as const;

async function isThere(page: Page): Promise<void> {
  await page.getByRole('heading').first().waitFor();
  await expect(page.getByRole('status', { name: /^(Loading|Lädt)$/ })).toHaveCount(0);
}

/** The address of a conversation. */
async function someConversation(page: Page): Promise<string> {
  const { items } = await (await page.request.get('/api/conversations?view=all&limit=1')).json();
  return `/inbox/${items[0].id}?view=all`;
}

for (const [width, height] of SCREENS) {
  test(`nothing stands in anybody's way at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await signIn(page);
    const conversation = await someConversation(page);
    // Where there is room, the file stands beside the conversation.
    const file = width < 1000 ? [`${conversation}&file=1`] : [];
    for (const path of ['/inbox?view=all', '/customers', conversation, ...file]) {
      await page.goto(path);
      await isThere(page);
      await expect(page.locator('h1:visible')).toHaveCount(1);
      await isCleanByDayAndNight(page);
      await fitsItsScreen(page);
    }
  });

  test(`dialogs are fit for all at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await signIn(page);
    const dialog = page.getByRole('dialog');
    const isFit = async (name: string) => {
      await expect(dialog).toHaveAccessibleName(name);
      await expect(dialog.getByRole('status', { name: 'Loading' })).toHaveCount(0);
      await isCleanByDayAndNight(page, '[role=dialog]');
      await fitsItsScreen(page);
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
    };
    const search = async (words: string) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await expect(dialog.getByRole('option').first()).toBeVisible();
    };
    await page.goto('/inbox?view=all');
    await isThere(page);
    if (width > 1000) await press(page.getByRole('button', { name: 'New view' }));
    else {
      await press(page.getByRole('button', { name: 'All open' }));
      await choose(page, 'New view');
    }
    await isFit('New view');
    await page.keyboard.press('?');
    await isFit('Keys');
    await search('irene');
    await isFit('Search and commands');

    await page.goto(await someConversation(page));
    await isThere(page);
    await search('merge into');
    await page.keyboard.press('Enter');
    await isFit('Merge into another conversation');
    await page.goto('/requests');
    await press(page.getByRole('button', { name: /^Change status of/ }).first());
    await expect(dialog.getByLabel('Note on the status')).toBeVisible();
    await isCleanByDayAndNight(page, '[role=dialog]');
    await fitsItsScreen(page);
  });
}

async function germanColleague(browser: Browser) {
  const colleague = await newColleague(await ownerOf(browser), browser, 'owner');
  await colleague.page.request.patch('/api/session', { data: { locale: 'de' }, headers: SAME_SITE });
  return colleague;
}

test('signing in turns the app to the language of who signed in', async ({ browser }) => {
  const colleague = await germanColleague(browser);
  await signInByHand(colleague.page, colleague);
  await expect(colleague.page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(colleague.page.getByRole('navigation', { name: 'Bereiche' })).toBeVisible();
});

const areas = new Map<string, string[]>([['/inbox', ['/inbox?view=all', '/customers']]]);
for (const [path] of PAGES) {
  const area = `/${path.split(/[/?]/)[1]}`;
  areas.set(area, [...(areas.get(area) ?? []), path]);
}
for (const [area, paths] of areas) {
  test(`German fits on a phone: ${area}`, async ({ browser }) => {
    const { page } = await germanColleague(browser);
    await page.setViewportSize({ width: 390, height: 844 });
    const conversation = await someConversation(page);
    for (const path of area === '/inbox' ? [...paths, conversation, `${conversation}&file=1`] : paths) {
      await page.goto(path);
      await isThere(page);
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      await fitsItsScreen(page);
    }
  });
}
