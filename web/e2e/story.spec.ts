import { expect, test, type APIRequestContext, type Browser, type Page } from '@playwright/test';
import { composer, goTo, newColleague, ownerOf, press, row, SAME_SITE, signInByHand, tabTo } from './entry';
import { freshNumber, Phone } from './phone';

/**
 * The whole story, the phone in one window and the desk in another: menu, request, handover, ten at once, answer, survey.
 * Neither touches a mouse: what is done here can be done by keys alone.
 */

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

/** The survey comes as soon as it may, so that the story can be told in one go; and at any hour, also of the night. */
async function neverCloses(owner: APIRequestContext): Promise<void> {
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const business_hours = Object.fromEntries(days.map((day) => [day, [['00:00', '24:00']]]));
  const data = { survey: { delay_seconds: 1 }, business_hours };
  expect((await owner.patch('/api/settings', { data, headers: SAME_SITE })).ok()).toBe(true);
}

async function csat(owner: APIRequestContext): Promise<{ ratings: number; answered: number }> {
  const { metrics } = await (await owner.get('/api/reports/service')).json();
  const { n, extra } = metrics.find(({ key }: { key: string }) => key === 'csat');
  return { ratings: n, answered: extra.answered };
}

async function customerOf(owner: APIRequestContext, number: string): Promise<number> {
  const found = await (await owner.get(`/api/customers?identity=phone:${encodeURIComponent(number)}`)).json();
  return found.items[0].id;
}

type Told = { kind: string; at: string; data: Record<string, unknown> };
/** All that stands on the customer's file, oldest first. */
async function timeline(owner: APIRequestContext, customer: number): Promise<Told[]> {
  const told = await (await owner.get(`/api/customers/${customer}/timeline?limit=200`)).json();
  return told.items.reverse();
}

test('from a menu to a person, everything on the customer’s file', async ({ browser, request }) => {
  test.setTimeout(120_000);
  const owner = await ownerOf(browser);
  await neverCloses(owner);
  const before = await csat(owner);
  const agent = await newColleague(owner, browser, 'agent');
  const desk = agent.page;
  // A team of her own: what waits for others is not hers to answer.
  const team = { name: `Evening ${agent.id}`, member_ids: [agent.id] };
  expect((await owner.post('/api/teams', { data: team, headers: SAME_SITE })).ok()).toBe(true);
  await signInByHand(desk, agent);
  await desk.goto('/inbox?view=waiting&sort=newest');

  const phone = await windowOf(browser);
  const customer = new Customer(phone, freshNumber());
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

  // It stands in the list by itself, in the queue of the right team; and nine more people write.
  const asked = row(desk, 'and can I bring my dog?').first();
  await expect(asked).toBeVisible();
  await expect(asked).toContainText('Bookings');
  const others = await Promise.all(Array.from({ length: 9 }, () => Phone.pickUp(request)));
  for (const [nth, other] of others.entries()) await other.text(`Until when is pool ${nth + 1} open?`);
  const tray = desk.getByRole('navigation', { name: 'Open conversations' });
  const open = tray.getByRole('link');
  // The newest of them stands at the top of the list, the story's own customer below them all.
  const ten = [...others.map(({ number }) => row(desk, number)).reverse(), asked];
  for (const [nth, wanted] of ten.entries()) {
    await goTo(desk, wanted);
    await desk.keyboard.press('i');
    await desk.keyboard.press('y');
    await expect(open).toHaveCount(nth + 1);
  }
  for (const one of await open.all()) await expect(one).toHaveText(/^Waiting for\s*\d+:\d\d/);

  // Whoever has waited longest comes first, wherever the agent was.
  await goTo(desk, row(desk, others[4]!.number));
  await desk.keyboard.press('w');
  await expect(asked).toHaveAttribute('aria-current', 'true');
  await expect(open.first()).toHaveAttribute('aria-current', 'true');
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
  await expect(open).toHaveCount(9);
  const rated = { ratings: before.ratings + 1, answered: before.answered + 1 };
  await expect.poll(() => csat(owner)).toEqual(rated);

  // The hotel answers by its link, later the agent says that it is done, and the customer is told both.
  const id = await customerOf(owner, customer.number);
  const requested = async () => (await (await owner.get(`/api/customers/${id}/requests`)).json()).items[0];
  const filed = await requested();
  expect(filed).toMatchObject({ summary: '2 beds', status: 'submitted' });
  const hotel = await windowOf(browser);
  await hotel.goto('/demo/hotel');
  await press(
    hotel.locator(`form[action="/demo/hotel/${filed.id}"]`).getByRole('button', { name: 'Confirm' }),
  );
  await customer.reads('Good news: your request');
  expect((await requested()).status).toBe('confirmed');
  await press(file.getByRole('button', { name: 'Change status' }));
  const dialog = desk.getByRole('dialog', { name: '2 beds' });
  await expect(dialog.getByLabel('Status', { exact: true })).toBeFocused();
  await desk.keyboard.type('done');
  await tabTo(desk, dialog.getByRole('button', { name: 'Save' }));
  await desk.keyboard.press('Enter');
  await customer.reads('Your request "2 beds" is done.');

  const told = await timeline(owner, id);
  const kinds = told.map(({ kind }) => kind);
  for (const kind of [
    'request_filed',
    'handed_off',
    'conversation_closed',
    'survey_sent',
    'survey_answered',
  ]) {
    expect(kinds).toContain(kind);
  }
  expect(told.find(({ kind }) => kind === 'survey_answered')?.data.score).toBe(4);
  // By the server's own clock, the menu was on the phone within a second of the first text.
  const text = told.find(({ kind }) => kind === 'message_received')!;
  const answer = told.find(({ kind }) => kind === 'message_queued')!;
  const arrived = told.find(
    ({ kind, data }) => kind === 'message_status_changed' && data.message === answer.data.message,
  )!;
  expect(arrived.data.status).toBe('delivered');
  expect(Date.parse(arrived.at) - Date.parse(text.at)).toBeLessThan(1_000);
});
