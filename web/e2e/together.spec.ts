import { expect, test, type Browser, type Page } from '@playwright/test';
import { composer, row, signIn } from './entry';
import { Phone } from './phone';

/** Two people at one conversation, each in a browser of their own. */

async function deskOf(browser: Browser, role: 'Owner' | 'Agent'): Promise<{ page: Page; name: string }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await signIn(page, role);
  const { user } = await (await page.request.get('/api/session')).json();
  return { page, name: user.name.split(' ')[0] };
}

test('colleagues see who looks and who types, and no reply crosses another', async ({ browser, request }) => {
  const [first, second] = [await deskOf(browser, 'Owner'), await deskOf(browser, 'Agent')];
  const phone = await Phone.pickUp(request);
  await first.page.goto('/inbox?view=all&sort=newest');
  await phone.text(`Is breakfast included ${Date.now()}?`);
  await row(first.page, phone.number).click();
  await expect(first.page).toHaveURL(/\/inbox\/\d+/);
  await second.page.goto(first.page.url());

  const sees = (page: Page, words: string) => page.getByRole('main').getByText(words).first();
  await expect(sees(first.page, `${second.name} is looking`)).toBeVisible();
  await expect(sees(second.page, `${first.name} is looking`)).toBeVisible();
  await composer(second.page).pressSequentially('It costs nine euros.');
  await expect(sees(first.page, `${second.name} is typing`)).toBeVisible();

  await composer(first.page).fill('Yes, it is included.');
  await first.page.keyboard.press('Control+Enter');
  await expect(second.page.getByRole('log').getByText('Yes, it is included.')).toBeVisible();
  await composer(second.page).press('Control+Enter');
  const warning = second.page.getByRole('dialog');
  await expect(warning).toContainText('Yes, it is included.');
  await warning.getByRole('button', { name: 'Keep editing' }).click();
  await expect(composer(second.page)).toHaveValue('It costs nine euros.');

  await first.page.goto('/customers');
  await expect(second.page.getByText(`${first.name} is looking`)).toHaveCount(0);
  await expect.poll(() => phone.received(), { timeout: 25_000 }).toContain('Yes, it is included.');
  expect(await phone.received()).not.toContain('It costs nine euros.');
});
