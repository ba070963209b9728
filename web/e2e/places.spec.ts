import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean, isCleanByDayAndNight } from './fit';

/** Meetings away from the web: a code on the wall, a phone call, and how somebody came. */

test('a guest scans a code, checks in, and stands on a timeline', async ({ page, browser, baseURL }) => {
  await signIn(page, 'Manager');
  await page.goto('/settings/places');
  const name = `Lobby ${Date.now()}`;
  await page.getByRole('button', { name: 'New place' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const code = page.getByRole('dialog', { name });
  const picture = code.getByRole('img', { name: /^Code that leads to/ });
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(100);
  await isClean(page);
  const [svg] = await Promise.all([
    page.waitForEvent('download'),
    code.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(svg.suggestedFilename()).toBe(`${name}.svg`);
  const link = new URL(await code.getByRole('textbox', { name: 'Code to print' }).inputValue());

  // The guest's own phone, with another language and nobody signed in.
  const context = await browser.newContext({
    locale: 'de-DE',
    viewport: { width: 390, height: 844 },
    baseURL,
  });
  const guest = await context.newPage();
  await guest.goto(link.pathname);
  await expect(guest.getByRole('heading', { level: 1, name: `Willkommen: ${name}` })).toBeVisible();
  await isCleanByDayAndNight(guest);
  await guest.getByLabel('Ihre Telefonnummer').fill('12');
  await guest.getByRole('button', { name: 'Anmelden' }).click();
  await expect(guest.getByLabel('Ihre Telefonnummer')).toHaveAttribute('aria-invalid', 'true');
  await guest.getByText('E-Mail', { exact: true }).click();
  const email = `guest-${Date.now()}@example.com`;
  await guest.getByLabel('Ihre E-Mail-Adresse').fill(email);
  await guest.getByRole('button', { name: 'Anmelden' }).click();
  await expect(guest.getByRole('heading', { level: 1, name: 'Sie sind angemeldet' })).toBeVisible();
  await context.close();

  await expect
    .poll(async () => (await (await page.request.get(`/api/customers?q=${email}`)).json()).items.length)
    .toBe(1);
  const { items } = await (await page.request.get(`/api/customers?q=${email}`)).json();
  await page.goto(`/customers/${items[0].id}`);
  await expect(page.getByText(`Checked in at ${name} and gave the Email ${email}`)).toBeVisible();

  await page.goto('/settings/places');
  await page.getByRole('button', { name: `More: ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Switch off' }).click();
  await expect(page.getByRole('row').filter({ hasText: name }).getByText('off')).toBeVisible();
  await page.goto(link.pathname);
  await expect(page.getByRole('heading', { name: 'Nobody checks in here any more' })).toBeVisible();
});

test('an agent logs a call on the customer’s file', async ({ page }) => {
  await signIn(page, 'Agent');
  const made = await page.request.post('/api/customers', {
    data: { name: `Caller ${Date.now()}` },
    headers: { 'x-rapport': '1' },
  });
  const { id } = await made.json();
  await page.goto(`/customers/${id}`);
  await page.getByRole('button', { name: 'Log a call' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log a call' });
  await isClean(page);
  await dialog.getByLabel('What it was about').fill('Late check-in');
  await dialog.getByLabel('Minutes').fill('4');
  await dialog.getByLabel('Note').fill('Arrives after ten.');
  await dialog.getByRole('button', { name: 'Log the call' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(
    page.getByText('The customer called: Late check-in (4 min; Arrives after ten.)'),
  ).toBeVisible();
});

test('a file tells by which way the customer came first and last', async ({ page }) => {
  await signIn(page);
  const source = await page.request.post('/api/sources', {
    data: { name: `Ads ${Date.now()}` },
    headers: { 'x-rapport': '1' },
  });
  const writeKey = (await source.json()).keys[0].write_key;
  const userId = `ad-${Date.now()}`;
  const visit = (query: string, minutesAgo: number) => ({
    type: 'page',
    userId,
    timestamp: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    context: { page: { url: `https://wander.example/rooms?${query}` } },
  });
  const batch = [
    visit('utm_source=letter&utm_medium=email', 5),
    visit('utm_source=google&utm_medium=cpc&utm_campaign=Spring&gclid=G1', 60),
  ];
  expect((await page.request.post('/v1/batch', { data: { writeKey, batch } })).status()).toBe(200);
  const found = await (await page.request.get(`/api/customers?identity=user_id:${userId}`)).json();
  await page.goto(`/customers/${found.items[0].id}`);
  await expect(page.getByText('google · cpc, “Spring”')).toBeVisible();
  await expect(page.getByText('letter · email')).toBeVisible();
  await isClean(page);
});
