import { expect, test, type Page } from '@playwright/test';
import { composer, press, row, said, signIn, tabTo, texted } from './entry';
import { Phone } from './phone';

/** What leaves the desk later, or must not leave at all, and what customers are told of their requests. */

const thread = (page: Page) => page.getByRole('log');
const HOUR_MS = 3_600_000;

/** Writes a reply that is to leave in an hour. */
async function sendInAnHour(page: Page, words: string): Promise<void> {
  await page.keyboard.press('r');
  await page.keyboard.type(words);
  await page.keyboard.press('Alt+Enter');
  await expect(page.getByRole('button', { name: /^In an hour/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(composer(page)).toHaveValue('');
}

test('a reply for later waits, and is called back before it leaves', async ({ page, request }) => {
  await signIn(page, 'Agent');
  const phone = await texted(page, request, `When is breakfast ${Date.now()}?`);
  await sendInAnHour(page, 'From seven.');
  const reply = said(page, 'From seven.');
  await expect(reply).toContainText('Goes out');
  await press(reply.getByRole('button', { name: 'Don’t send' }));
  await expect(reply).toContainText('Called back before it left.');
  expect(await phone.received()).not.toContain('From seven.');
});

test('a reply for later leaves at its time', async ({ page, request }) => {
  // The desk's clock is almost an hour slow, so that its "in an hour" is now.
  await page.clock.install({ time: Date.now() - HOUR_MS + 5_000 });
  await signIn(page, 'Agent');
  const phone = await texted(page, request, `When is dinner ${Date.now()}?`);
  await sendInAnHour(page, 'From six.');
  const reply = said(page, 'From six.');
  await expect(reply).toContainText('Goes out');
  expect(await phone.received()).not.toContain('From six.');
  await expect.poll(() => phone.received()).toContain('From six.');
  await expect(reply).not.toContainText('Goes out');
});

test('who opted out is not texted, is told why to the agent, and comes back by START', async ({
  page,
  request,
}) => {
  await signIn(page, 'Agent');
  const phone = await texted(page, request, `Is there a gym ${Date.now()}?`);
  await page.keyboard.press('r');
  await page.keyboard.type('There is, ');
  await phone.text('STOP');
  const banner = page.getByRole('status').filter({ hasText: 'opted out and cannot be texted' });
  await expect(banner).toContainText('by keyword');
  await expect(banner).toContainText('Only the customer can agree again, by texting START.');
  await page.keyboard.type('until ten.');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await expect(composer(page)).toHaveValue('There is, until ten.');

  await phone.text('START');
  await expect(banner).toHaveCount(0);
  // What came a moment ago has hardly been read, and a reply to it would be held back; what was typed outlives the reload.
  await page.reload();
  await expect(said(page, 'welcome back')).toBeVisible();
  await expect(composer(page)).toHaveValue('There is, until ten.');
  await page.keyboard.press('r');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain('There is, until ten.');
  expect((await phone.received()).filter((text) => text === 'There is, until ten.')).toHaveLength(1);
});

for (const decision of ['Opt out', 'Keep texting']) {
  test(`a text that may mean STOP is decided by a person: ${decision}`, async ({ page, request }) => {
    await signIn(page, 'Agent');
    const words = `please do not text me any more ${Date.now()}`;
    await texted(page, request, words);
    const conversation = page.url();
    await press(thread(page).getByRole('link', { name: /^Perhaps a wish to get no more texts/ }));
    await expect(page).toHaveURL(/\/settings\/consent$/);
    const asked = page.getByRole('listitem').filter({ hasText: words });
    await expect(asked).toContainText('do not text me');
    await press(asked.getByRole('button', { name: decision }));
    await expect(asked).toHaveCount(0);
    await page.goBack();
    await expect(page).toHaveURL(conversation);
    await expect(thread(page).getByText(/Amara Osei decided: the text was/)).toBeVisible();
    await page.keyboard.press('r');
    await page.keyboard.type('As you wish.');
    const send = page.getByRole('button', { name: 'Send', exact: true });
    const banner = page.getByRole('status').filter({ hasText: 'opted out and cannot be texted' });
    if (decision === 'Opt out') {
      await expect(banner).toContainText('in their own words');
      await expect(send).toBeDisabled();
    } else {
      await expect(send).toBeEnabled();
      await expect(banner).toHaveCount(0);
    }
  });
}

/** Asks for beds by the menu, as a customer does. */
async function asksForBeds(phone: Phone): Promise<void> {
  const talk = [
    ['request', 'What do you need?'],
    ['room', 'What is your booking number?'],
    ['W4471', 'How many beds do you need?'],
    ['3', '3 beds: added to your file'],
  ] as const;
  for (const [says, hears] of talk) {
    await phone.text(says);
    await expect.poll(async () => (await phone.received()).at(-1)).toContain(hears);
  }
}

test('the agent says where a request stands, and the customer is told exactly that', async ({
  page,
  request,
}) => {
  await signIn(page, 'Agent');
  const phone = await Phone.pickUp(request);
  await asksForBeds(phone);
  await phone.text('Is that settled?');
  await page.goto('/inbox?view=all&sort=newest');
  await row(page, phone.number).press('Enter');
  const file = page.getByRole('complementary', { name: 'Customer file' });
  const beds = file.getByRole('listitem').filter({ hasText: '3 beds' }).filter({ hasText: 'guaranteed' });
  const dialog = page.getByRole('dialog', { name: '3 beds' });
  const note = dialog.getByLabel('Note on the status');
  const change = async (status: string, words = '') => {
    await press(file.getByRole('button', { name: 'Change status' }));
    await expect(dialog.getByLabel('Status', { exact: true })).toBeFocused();
    await page.keyboard.type(status);
    await expect(note).toHaveValue('');
    await tabTo(page, note);
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
  };
  await expect(beds).toContainText('submitted');
  await change('confirmed', 'Room 12.');
  const confirmed = 'Good news: your request "3 beds" is confirmed. Room 12.';
  await expect.poll(async () => (await phone.received()).at(-1)).toBe(confirmed);
  await change('declined');
  const declined = 'We are sorry: your request "3 beds" could not be met.';
  await expect.poll(async () => (await phone.received()).at(-1)).toBe(declined);
  await expect(file.getByText('declined').first()).toBeVisible();
});
