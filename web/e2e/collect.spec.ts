import { Analytics } from '@segment/analytics-node';
import { expect, test, type APIRequestContext } from '@playwright/test';
import { signIn } from './entry';
import { newSource, shop } from './shop';

/** The published libraries, as a website and a server use them, against the real server. */

type Told = { kind: string; data: { name?: string; properties?: Record<string, unknown> } };

async function timeline(request: APIRequestContext, identity: string): Promise<Told[]> {
  const found = await (await request.get(`/api/customers?identity=${encodeURIComponent(identity)}`)).json();
  if (found.items.length === 0) return [];
  const told = await (await request.get(`/api/customers/${found.items[0].id}/timeline`)).json();
  return told.items.reverse();
}

const ways = (told: Told[]) =>
  told
    .filter(({ kind }) =>
      ['page_viewed', 'action_tracked', 'customer_identified', 'group_joined'].includes(kind),
    )
    .map(({ kind, data }) => (data.name ? `${kind} ${data.name}` : kind));

test('the library for servers tells, and each call arrives once', async ({ page, baseURL }) => {
  await signIn(page);
  const user = `node-${Date.now()}`;
  const writeKey = await newSource(page.request, `Shop server ${user}`);
  const analytics = new Analytics({ writeKey, host: baseURL!, flushAt: 3 });
  const refused: unknown[] = [];
  analytics.on('error', (error) => refused.push(error));
  analytics.identify({ userId: user, traits: { name: 'Nora Node', plan: 'gold' } });
  analytics.page({ userId: user, name: 'Rooms' });
  analytics.track({ userId: user, event: 'Order Completed', properties: { total: 12.5, note: 'naïve ☕' } });
  analytics.group({ userId: user, groupId: 'acme' });
  analytics.alias({ userId: user, previousId: `before-${user}` });
  analytics.track({ anonymousId: `before-${user}`, event: 'Came back' });
  await analytics.closeAndFlush();
  expect(refused).toEqual([]);
  const told = await timeline(page.request, `user_id:${user}`);
  expect(ways(told).sort()).toEqual([
    'action_tracked Came back',
    'action_tracked Order Completed',
    'customer_identified',
    'group_joined',
    'page_viewed Rooms',
  ]);
  const order = told.find(({ data }) => data.name === 'Order Completed');
  expect(order?.data.properties).toEqual({ total: 12.5, note: 'naïve ☕' });
});

test('the library for browsers tells from another site, and what was done before signing in is there', async ({
  page,
  context,
  baseURL,
}) => {
  await signIn(page);
  const user = `browser-${Date.now()}`;
  const writeKey = await newSource(page.request, `Shop ${user}`);
  const { server, url } = await shop(
    `window.analytics = []; analytics._writeKey = '${writeKey}'; analytics._cdn = '${baseURL}';` +
      `analytics.push(['page', 'Home']); analytics.push(['track', 'Looked at rooms', { beds: 2 }]);`,
  );
  try {
    const visitor = await context.newPage();
    const wrong: string[] = [];
    visitor.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
    const answers: number[] = [];
    visitor.on('response', (answer) => {
      if (answer.url().startsWith(`${baseURL}/v1/`)) answers.push(answer.status());
    });
    await visitor.goto(`${url}/?utm_source=paper&utm_campaign=spring`);
    await expect.poll(() => answers.length).toBeGreaterThanOrEqual(3);
    await visitor.evaluate(async (id) => {
      type Library = { identify: Function; track: Function };
      const analytics = (window as unknown as { analytics: Library }).analytics;
      await analytics.identify(id, { name: 'Bea Browser' });
      await analytics.track('Order Completed', { total: 99 });
    }, user);
    await expect
      .poll(async () => ways(await timeline(page.request, `user_id:${user}`)).sort())
      .toEqual([
        'action_tracked Looked at rooms',
        'action_tracked Order Completed',
        'customer_identified',
        'page_viewed Home',
      ]);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(wrong.filter((line) => !line.includes('favicon'))).toEqual([]);

    const found = await (await page.request.get(`/api/customers?identity=user_id:${user}`)).json();
    expect(found.items[0].name).toBe('Bea Browser');
  } finally {
    server.close();
  }
});
