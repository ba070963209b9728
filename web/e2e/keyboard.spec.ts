import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { composer, row, signIn } from './entry';
import { Phone } from './phone';

/** A day with the hands on the keys. */
test.beforeEach(({ page }) => signIn(page));

/** Somebody texts; gives the id of the conversation. */
async function texted(page: Page, request: APIRequestContext, words: string): Promise<string> {
  const phone = await Phone.pickUp(request);
  await phone.text(`${words} ${Date.now()}?`);
  return (await row(page, phone.number).first().getAttribute('data-row'))!;
}
const open = (page: Page, id: string) => page.locator(`[data-row="${id}"]`).click();
const at = (id: string) => new RegExp(`/inbox/${id}(\\?|$)`);
/** A door that calls wait at until it is opened. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

for (const view of ['all', 'closed']) {
  test(`what is typed while the next conversation opens goes to it, from the view ${view}`, async ({
    page,
    request,
  }) => {
    await page.goto('/inbox?view=all&sort=newest');
    const [before, next] = [
      await texted(page, request, 'Is the sauna on'),
      await texted(page, request, 'Is breakfast included'),
    ];
    await page.goto(`/inbox/${before}?view=${view}&sort=newest`);
    await expect(composer(page)).toBeVisible();
    const door = gate();
    await page.route('**/api/conversations/next', async (route) => {
      await door.opened;
      await route.fulfill({ json: { id: Number(next) } });
    });
    await page.keyboard.press('w');
    await page.keyboard.press('r');
    await page.keyboard.type('Yes, whenever you wish, jack of all kinds');
    await expect(composer(page)).toHaveValue('');
    door.open();
    await expect(page).toHaveURL(at(next));
    await expect(composer(page)).toHaveValue('Yes, whenever you wish, jack of all kinds');
    await expect(composer(page)).toBeFocused();
    await page.keyboard.type('!');
    await expect(composer(page)).toHaveValue(/kinds!$/);
  });
}

test('a conversation from the list can be written in before it has been fetched', async ({
  page,
  request,
}) => {
  await page.goto('/inbox?view=all&sort=newest');
  const id = await texted(page, request, 'Do you rent bicycles');
  const door = gate();
  await page.route(`**/api/conversations/${id}`, async (route) => {
    await door.opened;
    await route.continue();
  });
  await page.keyboard.press('j');
  await page.keyboard.press('r');
  await page.keyboard.type('We do.');
  await expect(page).toHaveURL(at(id));
  await expect(composer(page)).toHaveValue('We do.');
  door.open();
  await expect(page.getByRole('log').getByText('Do you rent bicycles').first()).toBeVisible();
  await expect(composer(page)).toHaveValue('We do.');
});

test('after closing, j goes on with the row that moved up', async ({ page, request }) => {
  await page.goto('/inbox?view=all&sort=newest');
  const below = await texted(page, request, 'Do you have a pool');
  const closing = await texted(page, request, 'Do you have a gym');
  await texted(page, request, 'Do you have a garden');
  await open(page, closing);
  await expect(composer(page)).toBeVisible();
  await page.keyboard.press('e');
  await expect(page.locator(`[data-row="${closing}"]`)).toHaveCount(0);
  await page.keyboard.press('j');
  await expect(page).toHaveURL(at(below));
});

test('arrows choose when a conversation comes back', async ({ page, request }) => {
  await page.goto('/inbox?view=all&sort=newest');
  const id = await texted(page, request, 'Can I pay later');
  await open(page, id);
  await expect(composer(page)).toBeVisible();
  await page.keyboard.press('h');
  await expect(page.getByRole('button', { name: 'Until they reply' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: /^In an hour/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Wake/ })).toBeVisible();
});

test('the one who has a conversation, or oneself, is offered first', async ({ page, request }) => {
  await page.goto('/inbox?view=all&sort=newest');
  await open(page, await texted(page, request, 'Who are you'));
  await expect(composer(page)).toBeVisible();
  await page.keyboard.press('a');
  await expect(page.locator('[role=option][aria-selected=true]')).toHaveText(/you\)|\(me/i);
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const) {
  test(`a reply is taken back by key, and the offer covers nothing at ${width} px`, async ({
    page,
    request,
  }) => {
    await page.setViewportSize({ width, height });
    await page.goto('/inbox?view=all&sort=newest');
    await open(page, await texted(page, request, 'Is there a lift'));
    await composer(page).fill('To every floor.');
    await page.keyboard.press('Control+Enter');
    const undo = page.getByRole('status').getByRole('button', { name: /^Undo/ });
    const strip = (await undo.boundingBox())!;
    const app = (await page.locator('#main').boundingBox())!;
    const written = (await composer(page).boundingBox())!;
    expect(written.y + written.height).toBeLessThan(strip.y);
    expect(app.y + app.height).toBeLessThan(strip.y);
    await page.keyboard.press('Control+z');
    await expect(composer(page)).toHaveValue('To every floor.');
    await page.keyboard.press('Alt+Enter');
    await expect(page.getByRole('dialog', { name: 'Send later' })).toBeVisible();
  });
}

test('the field names the canned reply that Enter would take', async ({ page, request }) => {
  await page.goto('/inbox?view=all&sort=newest');
  await open(page, await texted(page, request, 'When is check-out'));
  await composer(page).pressSequentially('/');
  const named = async () => {
    const id = await composer(page).getAttribute('aria-activedescendant');
    return id ? page.locator(`[id="${id}"]`).getAttribute('aria-selected') : null;
  };
  await expect.poll(named).toBe('true');
  const first = await composer(page).getAttribute('aria-activedescendant');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => composer(page).getAttribute('aria-activedescendant')).not.toBe(first);
  await expect.poll(named).toBe('true');
  await page.keyboard.press('Escape');
  await expect(composer(page)).not.toHaveAttribute('aria-activedescendant');
});
