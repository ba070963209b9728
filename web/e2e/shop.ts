import { expect, type APIRequestContext } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Makes a source and gives its key. */
export async function newSource(request: APIRequestContext, name: string): Promise<string> {
  const made = await request.post('/api/sources', { data: { name }, headers: { 'x-rapport': '1' } });
  expect(made.status()).toBe(201);
  return (await made.json()).keys[0].write_key;
}

/** A shop of another origin that loads the library for browsers from its own server. */
export async function shop(snippet: string): Promise<{ server: Server; url: string }> {
  const folder = dirname(createRequire(import.meta.url).resolve('@segment/analytics-next/package.json'));
  const library = readFileSync(join(folder, 'dist/umd/standalone.js'));
  const server = createServer((asked, answer) => {
    const isLibrary = asked.url === '/library.js';
    answer.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    answer.end(
      isLibrary
        ? library
        : `<!doctype html><title>Shop</title><h1>Shop</h1><script>${snippet}</script><script src="/library.js"></script>`,
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
