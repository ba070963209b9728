import AxeBuilder from '@axe-core/playwright';
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';

/** Signs in as the demo's first person, or as who is named in the environment. */
async function signIn(page: Page): Promise<void> {
  const setup = await (await page.request.get('/api/setup')).json();
  const { RAPPORT_EMAIL: email, RAPPORT_PASSWORD: password } = process.env;
  const who = email && password ? { email, password } : setup.sign_ins[0];
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** A number nobody has used before, so that runs do not meet each other. */
const freshNumber = () => `+1202555${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}`;

class Phone {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly path: string,
    readonly number: string,
  ) {}

  static async pickUp(request: APIRequestContext, number = freshNumber()): Promise<Phone> {
    const channels = await (await request.get('/api/phone/channels')).json();
    const [channel] = channels.items ?? channels;
    return new Phone(request, `/api/phone/${channel.id}/${encodeURIComponent(number)}/messages`, number);
  }
  async text(body: string): Promise<void> {
    expect((await this.request.post(this.path, { data: { body } })).ok()).toBe(true);
  }
  async received(): Promise<string[]> {
    const { items } = await (await this.request.get(this.path)).json();
    return items
      .filter((one: { direction: string }) => one.direction === 'out')
      .map((one: { body: string }) => one.body);
  }
}

const row = (page: Page, words: string) => page.locator('[data-row]').filter({ hasText: words });
const composer = (page: Page) => page.getByRole('textbox', { name: /^Reply/ });

test.beforeEach(({ page }) => signIn(page));

test('a text appears by itself, is answered, and the answer arrives once', async ({ page, request }) => {
  const phone = await Phone.pickUp(request);
  const words = `Where is my parcel ${Date.now()}?`;
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(words);
  await row(page, phone.number).click();
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
  await row(page, phone.number).click();
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
  await row(page, phone.number).click();
  await composer(page).fill('There is.');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: /^Undo/ }).last().click();
  await expect(composer(page)).toHaveValue('There is.');
  await page.reload();
  await expect(composer(page)).toHaveValue('There is.');
  expect(await phone.received()).not.toContain('There is.');
});

test('what is written without a connection goes out once when it is back', async ({
  page,
  context,
  request,
}) => {
  test.setTimeout(90_000);
  const phone = await Phone.pickUp(request);
  const words = `Can I pay by card ${Date.now()}?`;
  await page.goto('/inbox?view=all&sort=newest');
  await phone.text(words);
  await row(page, phone.number).click();
  await composer(page).fill('Any card will do.');
  await context.setOffline(true);
  await expect(page.getByText('No connection.')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await context.setOffline(false);
  await expect.poll(() => phone.received(), { timeout: 30_000 }).toContain('Any card will do.');
  expect((await phone.received()).filter((one) => one === 'Any card will do.')).toHaveLength(1);
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

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const) {
  test(`nothing stands in anybody's way at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('/inbox?view=all');
    await page.locator('[data-row]').first().click();
    await expect(page.getByRole('log').getByText(/\S/).first()).toBeVisible();
    const conversation = page.url();
    const file = `${conversation}${conversation.includes('?') ? '&' : '?'}file=1`;
    for (const path of ['/inbox?view=all', conversation, file, '/customers']) {
      await page.goto(path);
      await page.getByRole('heading').first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((one) => `${path}: ${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
  });
}
