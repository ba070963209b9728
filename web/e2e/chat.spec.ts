import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, request as requests, test, type APIRequestContext, type Page } from '@playwright/test';
import { composer, ownerOf, row, said, SAME_SITE, signIn } from './entry';
import { isClean } from './fit';

/** A visitor on a company's website, and an agent at the desk. */

async function chatChannel(request: APIRequestContext): Promise<number> {
  const { items } = await (await request.get('/api/channels')).json();
  return items.find((one: { kind: string }) => one.kind === 'chat').id;
}

/** A website on another origin, whose policy lets nothing in but the desk's scripts and answers. */
async function website(desk: string, channel: number, more = ''): Promise<{ server: Server; url: string }> {
  const policy = `default-src 'none'; script-src ${desk}; connect-src ${desk}; img-src ${desk}; require-trusted-types-for 'script'`;
  const body = `<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1></main>
    <script src="${desk}/widget.js" data-channel="${channel}" ${more} async></script></html>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const panel = (page: Page) => page.getByRole('dialog');
const field = (page: Page) => panel(page).getByRole('textbox', { name: 'Write a message' });
const thread = (page: Page) => panel(page).getByRole('log');

async function write(page: Page, words: string): Promise<void> {
  await field(page).fill(words);
  await field(page).press('Enter');
}

test('a visitor writes on a strict page, an agent answers, and nothing is lost without a connection', async ({
  page,
  browser,
  baseURL,
}) => {
  const owner = await ownerOf(browser);
  const channel = await chatChannel(owner);
  const { server, url } = await website(baseURL!, channel);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const visitor = await context.newPage();
  const problems: string[] = [];
  visitor.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  const words = `Is there a crib? ${Date.now()}`;
  try {
    await visitor.goto(url);
    const launcher = visitor.getByRole('button', { name: 'Chat with us' });
    await launcher.focus();
    await launcher.press('Enter');
    await expect(field(visitor)).toBeFocused();
    await write(visitor, words);
    await expect(thread(visitor)).toContainText(words);

    await signIn(page);
    await page.goto('/inbox?view=all&sort=newest');
    // The menu has answered already: the list shows its words.
    await row(page, 'Website chat').first().click();
    await expect(said(page, words)).toBeVisible();
    await composer(page).fill('Yes, it is in the room.');
    await composer(page).press('Control+Enter');
    await expect(thread(visitor)).toContainText('Yes, it is in the room.');
    expect(problems).toEqual([]);

    // Without a connection it waits, in order, and then it is there, once.
    await context.setOffline(true);
    await write(visitor, 'And a bath?');
    await write(visitor, 'For a baby.');
    await expect(thread(visitor)).toContainText('Waiting for the connection');
    await visitor.reload().catch(() => undefined);
    await context.setOffline(false);
    await visitor.goto(url);
    await visitor.getByRole('button', { name: /^Chat with us/ }).click();
    await expect(thread(visitor).getByText('For a baby.')).toHaveCount(1);
    await expect(said(page, 'For a baby.')).toBeVisible();
    await expect(said(page, 'And a bath?')).toHaveCount(1);

    await isClean(visitor);
    await visitor.keyboard.press('Escape');
    await expect(panel(visitor)).toBeHidden();
    // What comes while it is closed is counted on the button.
    const [, conversation] = /inbox\/(\d+)/.exec(page.url())!;
    const answer = { body: 'With pleasure.', client_key: words };
    await owner.post(`/api/conversations/${conversation}/messages`, { data: answer, headers: SAME_SITE });
    await expect(visitor.getByRole('button', { name: 'Chat with us, 1 unread' })).toBeVisible();
    await visitor.setViewportSize({ width: 390, height: 844 });
    await visitor.getByRole('button', { name: 'Chat with us, 1 unread' }).click();
    await expect(thread(visitor).getByText('With pleasure.')).toBeVisible();
    await isClean(visitor);
  } finally {
    await context.close();
    server.close();
  }
});

test('the pages that a visitor looked at stand beside what they wrote', async ({ browser, baseURL }) => {
  const owner = await ownerOf(browser);
  const channel = await chatChannel(owner);
  const name = `Shop ${Date.now()}`;
  const source = await (await owner.post('/api/sources', { data: { name }, headers: SAME_SITE })).json();
  const tell = (source_id: number | null) =>
    owner.patch(`/api/channels/${channel}`, {
      data: { config: { chat: { source_id } } },
      headers: SAME_SITE,
    });
  expect((await tell(source.id)).ok()).toBe(true);
  const { server, url } = await website(baseURL!, channel, 'data-open');
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const visitor = await context.newPage();
  try {
    const began = visitor.waitForResponse((answer) => answer.url().endsWith('/visitors'));
    await visitor.goto(`${url}crib?utm_source=letter`);
    await write(visitor, 'Is this the last one?');
    const { id } = await (await began).json();
    await expect(thread(visitor).getByText('Sent')).toBeVisible();
    // Going on without a new page, as shops do that are one program.
    await visitor.evaluate(() => history.pushState(null, '', '/basket'));
    const file = await (await owner.get(`/api/customers?identity=chat:${id}`)).json();
    const pages = async () => {
      const { items } = await (await owner.get(`/api/customers/${file.items[0].id}/timeline`)).json();
      const seen = items.filter(({ kind }: { kind: string }) => kind === 'page_viewed');
      return seen.map((one: { data: { properties: { path: string } } }) => one.data.properties.path).sort();
    };
    await expect.poll(pages).toEqual(['/basket', '/crib']);
  } finally {
    await tell(null);
    await context.close();
    server.close();
  }
});

/** A desk of one's own, that can be killed and started anew on the same folder. */
class Desk {
  readonly host = `127.0.0.1:${40_000 + (process.pid % 10_000)}`;
  readonly url = `http://${this.host}`;
  readonly #data = mkdtempSync(join(tmpdir(), 'rapport-chat-'));
  #running: ChildProcess | null = null;

  async start(): Promise<void> {
    this.#running = spawn(process.env.RAPPORT_BIN!, ['demo', '--data', this.#data, '--listen', this.host]);
    const isReady = () =>
      fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
  }
  /** As a cut of the power would: nothing is put away. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#running!.once('exit', resolve));
    this.#running!.kill('SIGKILL');
    await ended;
  }
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true });
  }
  async owner(): Promise<APIRequestContext> {
    const context = await requests.newContext({ baseURL: this.url, extraHTTPHeaders: SAME_SITE });
    const { sign_ins } = await (await context.get('/api/setup')).json();
    const { email, password } = sign_ins.find((one: { role: string }) => one.role === 'owner');
    expect((await context.post('/api/session', { data: { email, password } })).ok()).toBe(true);
    return context;
  }
}

test('on a slow line, through a server that dies, nothing is lost and nothing is doubled', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const desk = new Desk();
  await desk.start();
  const owner = await desk.owner();
  const { server, url } = await website(desk.url, await chatChannel(owner));
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const visitor = await context.newPage();
  try {
    const line = await context.newCDPSession(visitor);
    await line.send('Network.enable');
    const slow = { offline: false, latency: 400, downloadThroughput: 6_000, uploadThroughput: 3_000 };
    await line.send('Network.emulateNetworkConditions', slow);
    await visitor.goto(url);
    await visitor.getByRole('button', { name: 'Chat with us' }).click();
    const spoken = ['Hello', ...Array.from({ length: 8 }, (_, at) => `Number ${at + 1}.`)];
    await write(visitor, spoken[0]!);
    await expect(thread(visitor).getByText('Sent')).toBeVisible();
    const { items } = await (await owner.get('/api/conversations?view=all&sort=newest&limit=1')).json();
    const messages = `/api/conversations/${items[0].id}/messages`;
    const reply = async (body: string, key: string) =>
      expect((await owner.post(messages, { data: { body, client_key: key } })).status()).toBeLessThan(300);
    await reply('Answer 1.', 'one');

    for (const words of spoken.slice(1, 5)) await write(visitor, words);
    await desk.kill();
    for (const words of spoken.slice(5)) await write(visitor, words);
    await expect(thread(visitor)).toContainText('Waiting for the connection');
    await desk.start();
    await reply('Answer 2.', 'two');
    await expect(thread(visitor)).toContainText('Answer 2.', { timeout: 60_000 });
    const own = thread(visitor).locator('.own .words');
    await expect.poll(() => own.allTextContents(), { timeout: 60_000 }).toEqual(spoken);
    await expect(thread(visitor).getByText('Sent')).toBeVisible();
    for (const answer of ['Answer 1.', 'Answer 2.']) {
      await expect(thread(visitor).getByText(answer)).toHaveCount(1);
    }
    type Message = { direction: string; body: string };
    const kept: Message[] = (await (await owner.get(`${messages}?limit=100`)).json()).items;
    const received = kept.filter(({ direction }) => direction === 'in').map(({ body }) => body);
    expect(received.sort()).toEqual([...spoken].sort());
  } finally {
    await context.close();
    server.close();
    await desk.end();
  }
});
