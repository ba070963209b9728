import { expect, test, type APIRequestContext } from '@playwright/test';
import { signIn } from './entry';
import { newSource, shop } from './shop';

/** Who is who: two files are suggested to be one person's, joined, and separated again. */

async function newCustomer(request: APIRequestContext, data: object): Promise<number> {
  const made = await request.post('/api/customers', { data, headers: { 'x-rapport': '1' } });
  expect(made.status()).toBe(201);
  return (await made.json()).id;
}

test('two files with one address are suggested, joined and separated again', async ({ page }) => {
  await signIn(page, 'Manager');
  const email = `ida-${Date.now()}@example.com`;
  const known = await newCustomer(page.request, {
    name: 'Ida Known',
    identities: [{ kind: 'email', value: email }],
  });
  const other = await newCustomer(page.request, { name: 'Ida Other', traits: { email, size: 'M' } });

  await page.goto('/customers');
  await page.getByRole('link', { name: 'Who is who' }).click();
  const asked = page.getByRole('row').filter({ hasText: email });
  await expect(asked).toContainText(`Both use the email ${email}`);

  await page.goto(`/customers/${other}`);
  const same = page.locator('section').filter({ hasText: 'Perhaps the same person' });
  await expect(same).toContainText('Ida Known');
  await same.getByRole('button', { name: 'Join with Ida Known' }).click();
  // It is one file now: that of the older one, wherever one comes from.
  await expect(page).toHaveURL(`/customers/${known}`);
  await page.goto(`/customers/${other}`);
  await expect(page).toHaveURL(`/customers/${known}`);
  const joined = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Joined files' }) });
  await expect(joined).toContainText(`Both use the email ${email}`);
  await expect(page.getByText('size', { exact: true })).toBeVisible();
  await expect(page.getByText(/joined this file with Ida Other/)).toBeVisible();

  await joined.getByRole('button', { name: 'Separate Ida Other' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Separate' }).click();
  await expect(page.getByText(/separated Ida Other from this file/)).toBeVisible();
  await expect(page.getByText('size', { exact: true })).toBeHidden();
  await joined.getByRole('link', { name: 'Ida Other' }).click();
  await expect(page).toHaveURL(`/customers/${other}`);
  await expect(page.getByRole('heading', { name: 'Ida Other' })).toBeVisible();
  await expect(page.getByText('size', { exact: true })).toBeVisible();
  await expect(page.getByText(/separated this file from Ida Known/)).toBeVisible();
  // Nobody is asked about them again.
  await expect(page.getByText('Perhaps the same person')).toBeHidden();
  await page.goto('/customers/who-is-who');
  await page.getByRole('tab', { name: 'Joined' }).click();
  await expect(page.getByRole('row').filter({ hasText: email })).toContainText('Separated by');
});

test('the short link in a text joins the browser that opens it', async ({ page, browser, baseURL }) => {
  await signIn(page, 'Manager');
  const writeKey = await newSource(page.request, `Linked shop ${Date.now()}`);
  const { server, url } = await shop(
    `window.analytics = []; analytics._writeKey = '${writeKey}'; analytics._cdn = '${baseURL}';` +
      `analytics.push(['page', 'Rooms of the link']);`,
  );
  const ours = { 'x-rapport': '1' };
  const sources = await (await page.request.get('/api/sources')).json();
  const source = sources.items.find(
    (one: { keys: { write_key: string }[] }) => one.keys[0]?.write_key === writeKey,
  );
  await page.request.patch(`/api/sources/${source.id}`, { data: { origins: [url] }, headers: ours });
  // A person's browser: one that says that nobody sits before it is passed over.
  const userAgent = 'Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36';
  const customer = await browser.newContext({ userAgent });
  try {
    await page.goto('/inbox');
    await page.locator('[data-row]').first().click();
    await page.getByRole('button', { name: 'Insert a short link' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('https://elsewhere.example/');
    await dialog.getByRole('button', { name: 'Insert' }).click();
    await expect(dialog.getByText('This is not a page of a website')).toBeVisible();
    await dialog.getByRole('textbox').fill(`${url}/rooms?beds=2`);
    await dialog.getByRole('button', { name: 'Insert' }).click();
    const reply = page.getByRole('textbox', { name: /^Reply/ });
    await expect(reply).toHaveValue(/\/l\//);
    const link = (await reply.inputValue()).trim();
    const visitor = await customer.newPage();
    await visitor.goto(`${baseURL}/l/${link.split('/l/')[1]}`);
    await expect(visitor).toHaveURL(/beds=2&rapport_link=/);
    await expect(page.getByText(/Looked at Rooms of the link/)).toBeVisible();
    await expect(page.getByText(/A link texted to the one was opened by the other/).first()).toBeVisible();
    await reply.fill('');
  } finally {
    await customer.close();
    server.close();
  }
});
