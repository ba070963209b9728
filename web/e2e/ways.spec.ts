import { expect, test } from '@playwright/test';
import { composer, ownerOf, said, SAME_SITE, signIn } from './entry';
import { isClean } from './fit';
import { freshNumber, Phone } from './phone';

/** One conversation across channels: begun in the chat, gone on by text, and back. */

test('an agent goes on by text with a visitor, who comes back to the chat', async ({
  page,
  browser,
  request,
}) => {
  const owner = await ownerOf(browser);
  const channels = (await (await owner.get('/api/channels')).json()).items as { id: number; kind: string }[];
  const chat = `/chat/${channels.find(({ kind }) => kind === 'chat')!.id}`;
  const visitor = await (await request.post(`${chat}/visitors`, { data: {} })).json();
  const headers = { authorization: `Bearer ${visitor.token}` };
  const write = async (id: string, body: string) =>
    expect((await request.post(`${chat}/messages`, { data: { id, body }, headers })).status()).toBe(202);
  await write('1', 'Is the garden open?');
  const found = await (await owner.get(`/api/customers?identity=chat:${visitor.id}`)).json();
  const customer = found.items[0].id;
  const phone = await Phone.pickUp(request, freshNumber());
  const identity = { kind: 'phone', value: phone.number };
  const added = await owner.post(`/api/customers/${customer}/identities`, {
    data: identity,
    headers: SAME_SITE,
  });
  expect(added.ok()).toBe(true);
  const open = await (await owner.get(`/api/conversations?customer=${customer}`)).json();

  await signIn(page);
  await page.goto(`/inbox/${open.items[0].id}`);
  await expect(said(page, 'Is the garden open?')).toBeVisible();
  await expect(composer(page)).toHaveAccessibleName('Reply · Website chat');
  await page.getByRole('button', { name: 'Other channel' }).click();
  await expect(page.getByRole('menuitem', { name: /^Texts \(simulated\)/ })).toBeVisible();
  await isClean(page, '[role=menu]');
  await page.getByRole('menuitem', { name: /^Texts \(simulated\)/ }).click();
  await expect(composer(page)).toHaveAccessibleName('Reply · Texts (simulated)');
  await composer(page).fill('Until ten in the evening.');
  await composer(page).press('Control+Enter');
  await expect.poll(() => phone.received(), { timeout: 30_000 }).toContain('Until ten in the evening.');
  await phone.text('Wonderful');
  await expect(said(page, 'Wonderful')).toBeVisible();
  await write('2', 'Back at the desk');
  await expect(said(page, 'Back at the desk')).toBeVisible();
  await expect(composer(page)).toHaveAccessibleName('Reply · Website chat');
  await isClean(page);
});
