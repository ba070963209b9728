import { expect, test } from '@playwright/test';
import { signIn } from './entry';
import { isClean } from './fit';

test('a file is looked at, imported, and every row of it accounted for', async ({ page }) => {
  await signIn(page);
  await page.goto('/settings/imports');
  const guest = `guest-${Date.now()}`;
  const name = `${guest}.csv`;
  const lines = [
    'user_id,event,time,shop',
    `${guest},Checked in,2025-01-02 10:00,Rome`,
    `${guest},Bought a map,2025-01-02 11:00,Rome`,
    ',Bought a map,2025-01-02 11:00,Rome',
    `${guest},Bought a map,NaN,Rome`,
  ];
  await page
    .getByLabel('Import a file')
    .first()
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });

  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('combobox', { name: 'Customer', exact: true })).toHaveValue('user_id');
  const preview = dialog.getByRole('table', { name: 'First rows' });
  await expect(preview.getByRole('row')).toHaveCount(5);
  await expect(preview.getByText('names nobody')).toBeVisible();
  await expect(preview.getByText('has a time that cannot be read')).toBeVisible();
  await isClean(page);
  await dialog.getByRole('button', { name: 'Start' }).click();

  const row = page.getByRole('row').filter({ hasText: name });
  await expect(row.getByText('done')).toBeVisible();
  await expect(row.getByRole('cell')).toContainText([name, 'done', '4', '2', '0', '2']);
  const [file] = await Promise.all([page.waitForEvent('download'), row.getByRole('link').click()]);
  expect(file.suggestedFilename()).toMatch(/^import-\d+-skipped\.csv$/);

  const found = await (await page.request.get(`/api/customers?identity=user_id:${guest}`)).json();
  await page.goto(`/customers/${found.items[0].id}`);
  await expect(page.getByText('Bought a map').first()).toBeVisible();
});

test('a file says by its own ids what was taken before, and its clock hangs where it is said to', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/settings/imports');
  const guest = `till-${Date.now()}`;
  const rows = [`${guest}-1,${guest},Paid,2025-01-02 10:00`, `${guest}-2,${guest},Paid,2025-01-02 11:00`];
  const dialog = page.getByRole('dialog');
  const take = async (name: string, lines: string[]) => {
    const buffer = Buffer.from(['ticket,user_id,event,time', ...lines].join('\n'));
    await page.getByLabel('Import a file').first().setInputFiles({ name, mimeType: 'text/csv', buffer });
    await dialog.getByRole('combobox', { name: 'The row’s own id' }).selectOption('ticket');
    await dialog.getByRole('combobox', { name: 'Times are by the clock of' }).selectOption('Asia/Tokyo');
    await expect(dialog.getByText('in Asia/Tokyo where they name no zone')).toBeVisible();
    await dialog.getByRole('button', { name: 'Start' }).click();
    const row = page.getByRole('row').filter({ hasText: name });
    await expect(row.getByText('done')).toBeVisible();
    return row;
  };
  await take(`${guest}.csv`, rows);
  const again = await take(`${guest}-again.csv`, rows.reverse());
  await expect(again.getByRole('cell')).toContainText(['again', 'done', '2', '0', '2', '0']);

  const found = await (await page.request.get(`/api/customers?identity=user_id:${guest}`)).json();
  const told = await (await page.request.get(`/api/customers/${found.items[0].id}/timeline`)).json();
  const times = told.items
    .filter((event: { kind: string }) => event.kind === 'action_tracked')
    .map((event: { at: string }) => Date.parse(event.at));
  expect(Math.min(...times)).toBe(Date.parse('2025-01-02T01:00:00Z'));
});
