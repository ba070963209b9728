import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';

/** Why customers write: what the rules say of a conversation, and an agent's word above that. */

test('what brought customers leads to their conversations, of which an agent says otherwise', async ({
  page,
}) => {
  await signIn(page, 'Agent');
  await page.goto('/journeys/friction');
  const why = page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'Why customers write' }) });
  await expect(why).toContainText('came because something had gone wrong');
  await why.getByRole('button', { name: 'Payment failed' }).click();
  await expect(page).toHaveURL(/why=\d+/);
  const pane = page.getByRole('complementary').filter({ hasText: 'Conversations: Payment failed' });
  await expect(pane.getByRole('link').nth(1)).toBeVisible();
  await isClean(page);

  // One of which nobody has said anything yet.
  const rows = await (
    await page.request.get('/api/journey/demand/conversations?demand=failure&limit=200')
  ).json();
  const row = rows.items.find(
    (one: { mark: { said: unknown; because: string } }) => !one.mark.said && one.mark.because === 'trouble',
  );
  await page.goto(`/inbox/${row.conversation}`);
  const mark = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Why they wrote' }) });
  await expect(mark).toContainText('Failure');
  await expect(mark).toContainText('which brings calls for help');
  await mark.getByRole('button', { name: 'Say otherwise' }).focus();
  await page.keyboard.press('Enter');
  await mark.getByRole('radio', { name: 'Failure' }).focus();
  await page.keyboard.press('ArrowLeft');
  await isClean(page);
  await mark.getByRole('button', { name: 'Save' }).click();
  await expect(mark).toContainText('says so.');
  await expect(mark).toContainText('The rules say: Failure.');
  await expect(page.getByText('said why the customer wrote: Value').first()).toBeVisible();
  await mark.getByRole('button', { name: 'Take back' }).click();
  await expect(mark).not.toContainText('says so.');
  await expect(mark).toContainText('Failure');
});
