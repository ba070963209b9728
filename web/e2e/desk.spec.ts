import { expect, test, type Page } from '@playwright/test';
import {
  account,
  choose,
  composer,
  goTo,
  newColleague,
  ownerOf,
  press,
  row,
  said,
  signIn,
  tabTo,
  texted,
} from './entry';

/** What an agent does with a conversation besides answering it, with the hands on the keys. */
test.use({ viewport: { width: 1440, height: 900 } });
test.beforeEach(({ page }) => signIn(page, 'Agent'));

const thread = (page: Page) => page.getByRole('log');
const view = (page: Page, name: RegExp) =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name });

async function assignTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press('a');
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

test('what is given to a team stands in its view, until it goes to the next one', async ({
  page,
  request,
}) => {
  const phone = await texted(page, request, `Nobody has called me back ${Date.now()}`);
  const waiting = row(page, phone.number);
  await expect(waiting).toContainText('Front desk');
  await assignTo(page, 'Complaints');
  await expect(page.getByRole('button', { name: 'Assigned to Complaints' })).toBeVisible();

  await press(view(page, /^Complaints( \d+)?$/));
  await expect(page).toHaveURL(/team=\d+/);
  await page.keyboard.press('s');
  await goTo(page, waiting);
  await assignTo(page, 'Changes');
  await expect(waiting).toHaveCount(0);
  await press(view(page, /^Changes( \d+)?$/));
  await expect(waiting).toContainText('Changes');
});

test('a view is made of a tag, followed as the tag comes and goes, and removed', async ({
  page,
  request,
}) => {
  const tag = `allergy-${Date.now()}`;
  const phone = await texted(page, request, `No nuts for me ${tag}`);
  await page.keyboard.press('t');
  await page.keyboard.type(tag);
  await page.keyboard.press('Enter');
  await expect(row(page, phone.number)).toContainText(tag);

  await press(page.getByRole('button', { name: 'New view' }));
  const dialog = page.getByRole('dialog', { name: 'New view' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type(`Kitchen ${tag}`);
  await tabTo(page, dialog.getByLabel('Tag', { exact: true }));
  await page.keyboard.type(tag);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/saved=\d+/);
  await expect(page.locator('[data-row]')).toHaveCount(1);
  const mine = view(page, new RegExp(`^Kitchen ${tag}`));
  await expect(mine).toHaveText(/1$/);

  await goTo(page, row(page, phone.number));
  await press(page.getByRole('button', { name: `Remove tag ${tag}` }));
  await expect(row(page, phone.number)).toHaveCount(0);
  await press(page.getByRole('button', { name: `Edit view Kitchen ${tag}` }));
  await press(page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
  await expect(page).toHaveURL(/view=waiting/);
  await expect(mine).toHaveCount(0);
});

test('a note is for colleagues and never reaches the phone', async ({ page, request }) => {
  const phone = await texted(page, request, `May I have a refund ${Date.now()}?`);
  await page.keyboard.press('n');
  await page.keyboard.type('Paid twice: ask the bank.');
  await page.keyboard.press('Control+Enter');
  await expect(thread(page).getByText('Note by Amara Osei · colleagues only')).toBeVisible();
  await expect(thread(page).getByText('Paid twice: ask the bank.')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await page.keyboard.type('We are looking into it.');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain('We are looking into it.');
  expect((await phone.received()).join()).not.toContain('Paid twice');
});

test('a conversation is split where another matter begins, and merged again', async ({ page, request }) => {
  const phone = await texted(page, request, 'Where is my invoice?', 'And do you rent out bicycles?');
  const whole = page.url();
  const [invoice, bicycles] = [said(page, 'my invoice?'), said(page, 'rent out bicycles?')];
  await press(bicycles.getByRole('button', { name: 'What to do with this message' }));
  await choose(page, 'Split from here on');
  await expect(page).not.toHaveURL(whole);
  await expect(bicycles).toBeVisible();
  await expect(invoice).toHaveCount(0);
  await expect(row(page, phone.number)).toHaveCount(2);
  const part = page.url();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('merge');
  await page.keyboard.press('Enter');
  const id = /\/inbox\/(\d+)/.exec(whole)![1];
  await expect(page.getByRole('dialog', { name: /^Merge/ }).getByRole('option')).toContainText(`#${id}`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(whole);
  await expect(invoice).toBeVisible();
  await expect(bicycles).toBeVisible();
  await expect(row(page, phone.number)).toHaveCount(1);

  await page.goto(part);
  await press(page.getByRole('link', { name: 'Merged: go to where it continues' }));
  await expect(invoice).toBeVisible();
});

/** Writes the customer's name on the file beside the conversation. */
async function nameThem(page: Page, name: string): Promise<void> {
  const file = page.getByRole('complementary', { name: 'Customer file' });
  await press(file.getByRole('button', { name: 'Edit' }));
  await file.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await press(file.getByRole('button', { name: 'Done' }));
}

test('a canned reply greets by name, its curly sign is made plain, and it arrives so', async ({
  page,
  request,
}) => {
  const phone = await texted(page, request, `Is somebody there ${Date.now()}?`);
  await nameThem(page, 'Ada Byron');
  await page.keyboard.press('r');
  await page.keyboard.type('/hello');
  await page.keyboard.press('Enter');
  const greeting = 'Hello Ada, this is Amara at Wander & Stay. How can I help?';
  await expect(composer(page)).toHaveValue(greeting);
  await page.keyboard.insertText(' We’re here.');
  await expect(page.getByText('’ leaves room for 70 instead of 160.')).toBeVisible();
  await press(page.getByRole('button', { name: 'Replace' }));
  await expect(composer(page)).toHaveValue(`${greeting} We're here.`);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain(`${greeting} We're here.`);
});

test('search leads to a message and to a customer', async ({ page, request }) => {
  const word = `lighthouse${Date.now()}`;
  await texted(page, request, `Is the ${word} open?`);
  const conversation = page.url();
  await nameThem(page, `Grace ${word}`);
  const find = async (words: string) => {
    await page.goto('/reports');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(words);
  };
  const chosen = page.getByRole('dialog').getByRole('option', { selected: true });
  await find(`is the ${word}`);
  await expect(chosen).toContainText(`Is the ${word} open?`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${new URL(conversation).pathname}\\?message=\\d+`));
  await expect(said(page, `Is the ${word} open?`)).toBeInViewport();

  await find(`grace ${word}`);
  await expect(chosen).toContainText(`Grace ${word}`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/customers\/\d+/);
  await expect(page.getByRole('heading', { level: 1, name: `Grace ${word}` })).toBeVisible();
});

test('who is away is not given back their customers', async ({ browser, request }) => {
  const { page } = await newColleague(await ownerOf(browser), browser, 'agent');
  const phone = await texted(page, request, `Is there a bus ${Date.now()}?`);
  const known = row(page, phone.number);
  const comesBack = async (text: string) => {
    await page.keyboard.press('i');
    await expect(known).toContainText('Nina Novak');
    await page.keyboard.press('e');
    await expect(known).toHaveCount(0);
    await phone.text(text);
    await goTo(page, known);
  };
  await comesBack('And where does it leave?');
  await expect(known).toContainText('Nina Novak');

  await press(account(page));
  await choose(page, 'Away');
  await expect(account(page)).toHaveAccessibleName('Nina Novak, Away');
  await comesBack('And what does it cost?');
  await expect(known).not.toContainText('Nina Novak');
  await page.keyboard.press('a');
  await expect(page.getByRole('option', { name: /^Nina Novak \(me\)/ })).toContainText('Away');
});
