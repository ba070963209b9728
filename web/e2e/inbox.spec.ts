import { expect, test, type Page } from '@playwright/test';
import { composer, row, signIn } from './entry';
import { Phone } from './phone';

test.beforeEach(({ page }) => signIn(page));

/** Opens a conversation and reads it: a reply to what is not there yet is rightly held back. */
async function read(page: Page, number: string): Promise<void> {
  await row(page, number).click();
  await expect(page.getByRole('log').locator('[id^=message-]').first()).toBeVisible();
}

test('a text appears by itself, is answered, and the answer arrives once', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  const words = `Where is my parcel ${Date.now()}?`;
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(words);
  await read(page, phone.number);
  await composer(page).fill('It arrives tomorrow.');
  await page.keyboard.press('Control+Enter');
  await expect(composer(page)).toHaveValue('');
  await expect
    .poll(async () => (await phone.received()).filter((one) => one === 'It arrives tomorrow.').length, {
      timeout: 25_000,
    })
    .toBe(1);
});

test('a reply is held back when the customer wrote meanwhile', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  const words = `Do you open on Sunday ${Date.now()}?`;
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(words);
  await read(page, phone.number);
  await composer(page).fill('Yes, from ten.');
  await phone.text('Never mind, I found it.');
  await expect(page.getByRole('log').getByText('Never mind, I found it.')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Never mind, I found it.');
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  await expect(composer(page)).toHaveValue('Yes, from ten.');
});

test('a reply can be called back, and a draft survives a reload', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  const words = `Is there parking ${Date.now()}?`;
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(words);
  await read(page, phone.number);
  await composer(page).fill('There is.');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: /^Undo/ }).last().click();
  await expect(composer(page)).toHaveValue('There is.');
  await page.reload();
  await expect(composer(page)).toHaveValue('There is.');
  expect(await phone.received()).not.toContain('There is.');
});

test('a reply that is taken back from elsewhere keeps its files', async ({ page, request }) => {
  const [phone, other] = [await Phone.pickUp(request), await Phone.pickUp(request)];
  await page.goto('/inbox?view=all&sort=newest');
  await other.text(`Is there a lift ${Date.now()}?`);
  await phone.text(`Is there a map ${Date.now()}?`);
  await read(page, phone.number);
  await page.locator('input[type=file]').setInputFiles({
    name: 'map.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  });
  await composer(page).fill('Here it is.');
  await page.keyboard.press('Control+Enter');
  await expect(composer(page)).toHaveValue('');
  await row(page, other.number).click();
  await expect(page.getByRole('log').getByText('Is there a lift').first()).toBeVisible();
  await page.getByRole('button', { name: /^Undo/ }).last().click();
  await expect(composer(page)).toHaveValue('Here it is.');
  await expect(page.getByRole('group', { name: /^Write a reply/ }).getByText('map.png')).toBeVisible();
});

test('a reply that closes can be called back, and closes when it has left', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(`Is there a pool ${Date.now()}?`);
  await read(page, phone.number);
  await composer(page).fill('There is.');
  await page.keyboard.press('Control+Shift+Enter');
  await expect(page.getByRole('log').getByText('The conversation closes with it')).toBeVisible();
  await page.getByRole('button', { name: /^Undo/ }).last().click();
  await expect(composer(page)).toHaveValue('There is.');
  await expect(row(page, phone.number)).toBeVisible();
  await page.keyboard.press('Control+Shift+Enter');
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain('There is.');
  await expect(row(page, phone.number)).toHaveCount(0);
});

/** How often a conversation has a message, whether it has left already or not. */
async function times(page: Page, body: string): Promise<number> {
  const id = /\/inbox\/(\d+)/.exec(page.url())![1];
  const { items } = await (await page.request.get(`/api/conversations/${id}/messages`)).json();
  return items.filter((one: { body: string }) => one.body === body).length;
}

test('what is written without a connection waits for it and goes out once', async ({
  page,
  context,
  request,
}) => {
  test.setTimeout(90_000);
  // Calls are stopped here, and not left to the browser's own offline mode alone: none may slip through while it is switched.
  let isCut = false;
  await page.route('**/api/**', (route) => (isCut ? route.abort('internetdisconnected') : route.continue()));
  const phone = await Phone.pickUp(request);
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(`Can I pay by card ${Date.now()}?`);
  await read(page, phone.number);
  await composer(page).fill('Any card will do.');
  isCut = true;
  await context.setOffline(true);
  await expect(page.getByText('No connection.')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Waits for the connection')).toBeVisible();
  await expect(composer(page)).toHaveValue('');
  expect(await times(page, 'Any card will do.')).toBe(0);
  isCut = false;
  await context.setOffline(false);
  await expect.poll(() => phone.received(), { timeout: 30_000 }).toContain('Any card will do.');
  await expect(page.getByText('Waits for the connection')).toHaveCount(0);
  expect(await times(page, 'Any card will do.')).toBe(1);
});

test('a reply whose answer was lost is tried again and goes out once', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(`Is the pool open ${Date.now()}?`);
  await read(page, phone.number);
  await composer(page).fill('Until nine.');
  let tries = 0;
  await page.route('**/api/conversations/*/messages', async (route) => {
    if (++tries > 1) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => tries).toBe(2);
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain('Until nine.');
  await expect(page.getByText('Waits for the connection')).toHaveCount(0);
  expect(await times(page, 'Until nine.')).toBe(1);
});

test('the keyboard reaches it all', async ({ page }) => {
  await page.goto('/inbox?view=all');
  await page.locator('[data-row]').first().waitFor();
  await page.keyboard.press('j');
  await expect(page).toHaveURL(/\/inbox\/\d+/);
  const first = page.url();
  await page.keyboard.press('j');
  await expect(page).not.toHaveURL(first);
  await page.keyboard.press('n');
  await expect(page.getByRole('textbox', { name: 'Note' })).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/customers/);
});
