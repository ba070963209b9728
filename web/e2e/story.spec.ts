import { expect, test, type Browser, type Locator, type Page } from '@playwright/test';
import { composer, row } from './entry';

/**
 * The whole story, the phone in one window and the desk in another: menu, request, handover, answer, survey. Neither
 * touches a mouse: what is done here can be done by keys alone.
 */

const number = () => `+1202556${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}`;

/** A red square. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mM4o6SEFTEMLQkAvM5EAUNdDNUAAAAASUVORK5CYII=';

async function windowOf(browser: Browser): Promise<Page> {
  return (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
}

/** The customer's side: types on the phone's screen and reads what comes. */
class Customer {
  constructor(
    private readonly page: Page,
    readonly number: string,
  ) {}

  async pickUp(): Promise<void> {
    await this.page.goto(`/phone?from=${encodeURIComponent(this.number)}`);
    await expect(this.words).toBeVisible();
  }
  private get words() {
    return this.page.getByRole('textbox', { name: 'Text message' });
  }
  async text(body: string): Promise<void> {
    await tabTo(this.page, this.words);
    await this.page.keyboard.type(body);
    await this.page.keyboard.press('Enter');
  }
  async shows(name: string, words: string): Promise<void> {
    await this.page
      .getByLabel('Attach a picture')
      .and(this.page.locator('input'))
      .setInputFiles({
        name,
        mimeType: 'image/png',
        buffer: Buffer.from(PNG, 'base64'),
      });
    await this.text(words);
    await expect(this.page.getByRole('log').getByRole('img', { name })).toBeVisible();
  }
  async reads(words: string): Promise<void> {
    await expect(this.page.getByRole('log').getByText(words).last()).toBeVisible({ timeout: 15_000 });
  }
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; !(await isThere()); presses += 1) {
    expect(presses, 'the focus gets there').toBeLessThan(80);
    await page.keyboard.press('Tab');
  }
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in');
  const people = page.getByRole('region', { name: /demo company/ }).getByRole('button');
  await tabTo(page, people.first());
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/inbox/);
}

/** Goes down the list by its key until this row is open. */
async function open(page: Page, wanted: Locator): Promise<void> {
  await expect(async () => {
    const isOpen = (await wanted.getAttribute('aria-current')) === 'true';
    if (!isOpen) await page.keyboard.press('j');
    await expect(wanted).toHaveAttribute('aria-current', 'true', { timeout: 1000 });
  }).toPass();
}

test('from a menu to a person, everything on the customer’s file', async ({ browser }) => {
  test.setTimeout(120_000);
  const [phone, desk] = [await windowOf(browser), await windowOf(browser)];
  const customer = new Customer(phone, number());
  await signIn(desk);
  // The survey comes as soon as it may, so that the story can be told in one go; and at any hour, also of the night.
  const always = [['00:00', '24:00']];
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const settings = await desk.request.patch('/api/settings', {
    headers: { 'x-rapport': '1' },
    data: {
      survey: { delay_seconds: 1 },
      business_hours: Object.fromEntries(days.map((day) => [day, always])),
    },
  });
  expect(settings.ok()).toBe(true);
  await desk.goto('/inbox?view=waiting&sort=newest');

  await customer.pickUp();
  await customer.text('request');
  await customer.reads('What do you need?');
  await customer.text('room');
  await customer.reads('What is your booking number?');
  await customer.text('12');
  await customer.reads('Sorry, I cannot find that.');
  await customer.text('W4471');
  await customer.reads('How many beds do you need?');
  await customer.text('2');
  await customer.reads(
    '2 beds: added to your file and submitted to the hotel. Requests are never guaranteed.',
  );
  await customer.shows('dog.png', 'and can I bring my dog?');

  // It stands in the list by itself, in the queue of the right team.
  const asked = row(desk, 'and can I bring my dog?').first();
  await expect(asked).toBeVisible({ timeout: 15_000 });
  await expect(asked).toContainText('Bookings');
  await open(desk, asked);
  const thread = desk.getByRole('log');
  await expect(thread.getByText('How many beds do you need?')).toBeVisible();
  await expect(thread.getByText('W4471')).toBeVisible();
  const picture = thread.getByRole('img', { name: 'dog.png' });
  await expect(picture).toBeVisible();
  // It is the preview and not the mark of a broken file: it has a size of its own.
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(8);
  const file = desk.getByRole('complementary', { name: /file/i });
  await expect(file.getByText('2 beds').first()).toBeVisible();

  await desk.keyboard.press('r');
  await expect(composer(desk)).toBeFocused();
  await desk.keyboard.type('Happy to help! Dogs up to 10 kg are welcome.');
  await desk.keyboard.press('Control+Enter');
  await customer.reads('Happy to help! Dogs up to 10 kg are welcome.');
  // Out of the field first: a letter in it is a letter.
  await desk.keyboard.press('Escape');
  await desk.keyboard.press('e');
  await customer.reads('How did we do?');
  await customer.text('4');
  await customer.reads('Thank you for telling us.');

  const found = await (
    await desk.request.get(`/api/customers?identity=phone:${encodeURIComponent(customer.number)}`)
  ).json();
  const timeline = await (
    await desk.request.get(`/api/customers/${found.items[0].id}/timeline?limit=200`)
  ).json();
  const kinds = timeline.items.map((event: { kind: string }) => event.kind);
  for (const kind of [
    'request_filed',
    'handed_off',
    'conversation_closed',
    'survey_sent',
    'survey_answered',
  ]) {
    expect(kinds).toContain(kind);
  }
  const answered = timeline.items.find((event: { kind: string }) => event.kind === 'survey_answered');
  expect(answered.data.score).toBe(4);
  const request = async () =>
    (await (await desk.request.get(`/api/customers/${found.items[0].id}/requests`)).json()).items[0];
  const filed = await request();
  expect(filed).toMatchObject({ summary: '2 beds', status: 'submitted' });

  // The hotel answers by its link, and the customer is told.
  const hotel = await windowOf(browser);
  await hotel.goto('/demo/hotel');
  const form = hotel.locator(`form[action="/demo/hotel/${filed.id}"]`);
  await form.getByRole('button', { name: 'Confirm' }).focus();
  await hotel.keyboard.press('Enter');
  await customer.reads('Good news: your request');
  expect((await request()).status).toBe('confirmed');
  const numbers = await (await desk.request.get('/api/reports/service')).json();
  const csat = numbers.metrics.find((metric: { key: string }) => metric.key === 'csat');
  expect(csat.n).toBeGreaterThan(0);
});
