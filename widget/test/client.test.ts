import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { open, type Chat } from '../src/client';
import { Memory } from '../src/keep';

/** A double of a server: it answers as a test says. The real one is met in the browser's tests. */
type Answer = (response: ServerResponse, request: IncomingMessage) => void;
let double: Server | null = null;
let chat: Chat | null = null;
const asked: string[] = [];

/** Answers each call of a path in turn; the last answer is given for ever. */
async function serve(answers: Record<string, Answer[]>, token?: string): Promise<Chat> {
  double = createServer((request, response) => {
    const { method, url = '', headers } = request;
    asked.push(`${method} ${url} ${headers.authorization ?? ''}`.trim());
    const turns = answers[url.replace(/^\/chat\/3/, '').replace(/\?.*/, '')] ?? [];
    const answer = turns.length > 1 ? turns.shift() : turns[0];
    if (answer) answer(response, request);
    else refuse(404, 'not_found')(response, request);
  });
  await new Promise<void>((done) => double!.listen(0, '127.0.0.1', done));
  const { port } = double.address() as AddressInfo;
  const [server, storage] = [`http://127.0.0.1:${port}`, new Memory()];
  if (token) storage.setItem(`rapport-chat ${server} 3 token`, token);
  chat = open(3, { server, storage });
  return chat;
}

const json =
  (value: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
const refuse = (status: number, code: string) => json({ code, detail: `because of ${code}` }, status);
const event = (id: number, over: object = {}) => {
  const message = {
    id,
    direction: 'out',
    body: 'Hello',
    status: 'sent',
    client_id: null,
    choices: [],
    attachments: [],
  };
  return `event: message\ndata: ${JSON.stringify({ ...message, ...over })}\n\n`;
};
const stream =
  (text: string, isOver = false): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text);
    if (isOver) response.end();
  };
/** Waits for a change after which something is so. */
const until = (of: Chat, isSo: () => boolean): Promise<void> =>
  new Promise((done) => {
    const end = of.watch(() => {
      if (!isSo()) return;
      end();
      done();
    });
  });
const waiting = (of: Chat) =>
  of.thread.waiting.map(({ body, isSent, refused }) => ({ body, isSent, refused }));
beforeEach(() => {
  asked.length = 0;
  // A wait between two tries is none here.
  vi.spyOn(Math, 'random').mockReturnValue(-1);
});
afterEach(() => {
  chat?.close();
  double?.closeAllConnections();
  double?.close();
});

it('begins, and comes back after a cut from the last message that it has', async () => {
  const of = await serve({
    '/visitors': [json({ token: 'secret', id: 'visitor-1' }, 201)],
    '/live': [stream(event(1) + event(2), true), refuse(503, 'busy'), stream(event(3))],
  });
  of.live();
  await until(of, () => of.thread.messages.length === 3);
  const lines = [0, 2, 2].map((after) => `GET /chat/3/live?after=${after} Bearer secret`);
  expect(asked).toEqual(['POST /chat/3/visitors', ...lines]);
  expect([of.connection, of.unread.length]).toEqual(['live', 3]);
});

it('sends in order what waits, again where nothing answered, and lets it go when it comes back', async () => {
  const bodies: string[] = [];
  const take: Answer = (response, request) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(body).body);
      if (bodies.length === 1) response.destroy();
      else json({ id: bodies.length }, 202)(response, request);
    });
  };
  const of = await serve({
    '/visitors': [json({ token: 'secret', id: 'visitor-1' }, 201)],
    '/live': [stream(': hello\n\n')],
    '/messages': [take],
  });
  of.send('one');
  of.send('two');
  await until(of, () => of.thread.waiting.every(({ isSent }) => isSent));
  expect(bodies).toEqual(['one', 'one', 'two']);
  expect(waiting(of).map(({ body }) => body)).toEqual(['one', 'two']);
});

it('keeps what the server does not take until the visitor has said what becomes of it', async () => {
  const of = await serve({
    '/visitors': [json({ token: 'secret', id: 'visitor-1' }, 201)],
    '/live': [stream(': hello\n\n')],
    '/messages': [refuse(422, 'invalid'), json({ id: 1 }, 202)],
  });
  of.send('one');
  await until(of, () => of.thread.waiting[0]!.refused !== null);
  expect(waiting(of)).toEqual([{ body: 'one', isSent: false, refused: 'because of invalid' }]);
  of.again(of.thread.waiting[0]!.id);
  await until(of, () => of.thread.waiting[0]!.isSent);
  of.discard(of.thread.waiting[0]!.id);
  expect(waiting(of)).toEqual([]);
});

it('begins anew where the server knows the visitor no more and something is to be said', async () => {
  const known =
    (answer: Answer): Answer =>
    (response, request) =>
      request.headers.authorization === 'Bearer old'
        ? refuse(401, 'unknown_visitor')(response, request)
        : answer(response, request);
  const of = await serve(
    {
      '/visitors': [json({ token: 'new', id: 'visitor-2' }, 201)],
      '/live': [known(stream(': hello\n\n'))],
      '/messages': [known(json({ id: 1 }, 202))],
    },
    'old',
  );
  of.send('Hello');
  await until(of, () => of.thread.waiting[0]!.isSent);
  expect(asked.filter((call) => call.startsWith('POST') && !call.endsWith('old'))).toEqual([
    'POST /chat/3/visitors',
    'POST /chat/3/messages Bearer new',
  ]);
});

it('is nobody again where the server knows the visitor no more and nothing is to be said', async () => {
  const of = await serve({ '/live': [refuse(401, 'unknown_visitor')] }, 'old');
  of.live();
  await until(of, () => of.connection === 'idle');
  expect([of.isKnown, asked.length]).toEqual([false, 1]);
});

it('asks no more where the company does not want the visitor, and says why', async () => {
  const of = await serve({ '/visitors': [refuse(401, 'wrong_identity')] });
  of.live();
  await until(of, () => of.connection === 'refused');
  expect([of.refusal, asked.length]).toEqual(['because of wrong_identity', 1]);
});
