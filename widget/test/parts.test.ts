import { describe, expect, it } from 'vitest';
import { wait } from '../src/backoff';
import { ink, isColour } from '../src/contrast';
import { Keep, Memory } from '../src/keep';
import { EventReader } from '../src/sse';
import { directionOf, fill, textsOf } from '../src/texts';
import { adopt, change, EMPTY, lastId, next, openChoices, take, unread, type Waiting } from '../src/thread';
import type { Message } from '../src/wire';

const said = (id: number, over: Partial<Message> = {}): Message => ({
  id,
  direction: 'out',
  body: String(id),
  at: '2026-03-04T10:00:00Z',
  status: 'sent',
  author: { kind: 'agent', name: 'Ada' },
  client_id: null,
  choices: [],
  attachments: [],
  ...over,
});
const waiting = (id: string, over: Partial<Waiting> = {}): Waiting => ({
  id,
  body: id,
  attachments: [],
  at: id.charCodeAt(0),
  isSent: false,
  refused: null,
  ...over,
});

describe('server-sent events', () => {
  const whole = ': hello\n\nevent: typing\r\ndata: {"a":1}\r\n\r\ndata: one\ndata:two\nid: 5\n\n';
  const events = [
    { event: 'typing', data: '{"a":1}' },
    { event: 'message', data: 'one\ntwo' },
  ];
  it('are the same however the stream is cut', () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const reader = new EventReader();
      expect([...reader.push(whole.slice(0, cut)), ...reader.push(whole.slice(cut))]).toEqual(events);
    }
  });
});

describe('a thread', () => {
  it('shows a message once, in the order of the ids, also one that has changed', () => {
    let thread = take(take(take(EMPTY, said(7)), said(3)), said(7, { status: 'read' }));
    expect(thread.messages.map(({ id, status }) => [id, status])).toEqual([
      [3, 'sent'],
      [7, 'read'],
    ]);
    expect([lastId(thread), lastId(EMPTY)]).toEqual([7, 0]);
  });
  it('counts as unread what was said to the visitor and seen neither here nor elsewhere', () => {
    const all = [said(3), said(7, { status: 'read' }), said(8, { direction: 'in' }), said(9)];
    const thread = all.reduce(take, EMPTY);
    expect(unread(thread, new Set([3])).map(({ id }) => id)).toEqual([9]);
  });
  it('sends what waits in its order, and lets it go when it has come back', () => {
    let thread = { ...EMPTY, waiting: [waiting('a'), waiting('b'), waiting('c')] };
    expect(next(thread)?.id).toBe('a');
    thread = change(thread, 'a', { refused: 'too long' });
    expect(next(thread)?.id).toBe('b');
    thread = change(thread, 'b', { isSent: true });
    expect(next(thread)?.id).toBe('c');
    thread = take(thread, said(1, { direction: 'in', client_id: 'b' }));
    expect(thread.waiting.map(({ id }) => id)).toEqual(['a', 'c']);
  });
  it('takes in what another page wrote, and keeps what is only here', () => {
    const file = new File(['x'], 'x.png');
    const here = {
      ...EMPTY,
      waiting: [waiting('a', { isSent: true }), waiting('b'), waiting('d', { file })],
    };
    const thread = take(here, said(1, { direction: 'in', client_id: 'e' }));
    const kept = [waiting('c', { refused: 'no' }), waiting('e')];
    const ids = adopt(thread, kept).waiting.map(({ id, refused }) => [id, refused]);
    expect(ids).toEqual([
      ['a', null],
      ['c', 'no'],
      ['d', null],
    ]);
  });
  it('offers the buttons of the last message until something is said', () => {
    const choices = [{ label: 'Room', text: 'Room' }];
    const thread = take(EMPTY, said(1, { choices }));
    expect(openChoices(thread)).toEqual(choices);
    expect(openChoices({ ...thread, waiting: [waiting('a')] })).toEqual([]);
    expect(openChoices(take(thread, said(2, { direction: 'in' })))).toEqual([]);
    expect(openChoices(EMPTY)).toEqual([]);
  });
});

describe('what is kept', () => {
  it('survives the page in the order in which it was written, a channel apart from the others', () => {
    const store = new Memory();
    const keep = new Keep(store, 'https://desk.example', '3');
    for (const one of [
      waiting('b'),
      waiting('a'),
      waiting('c', { isSent: true }),
      waiting('d', { body: '' }),
    ]) {
      keep.put(one);
    }
    keep.set('token', 'secret');
    store.setItem('rapport-chat https://desk.example 3 out broken', '{');
    const again = new Keep(store, 'https://desk.example', '3');
    expect([again.waiting().map(({ id }) => id), again.get('token')]).toEqual([['a', 'b'], 'secret']);
    const other = new Keep(store, 'https://desk.example', '4');
    expect([other.waiting(), other.get('token')]).toEqual([[], null]);
    again.clear();
    expect(store.length).toBe(0);
  });
  it('is known to this page where the storage is full', () => {
    const full = new Memory();
    full.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const keep = new Keep(full, '', '3');
    keep.put(waiting('a'));
    expect(keep.waiting().map(({ id }) => id)).toEqual(['a']);
  });
});

describe('small decisions', () => {
  it('waits longer after each failure, never for ever, and never all at once', () => {
    expect([1, 2, 3, 9].map((failures) => wait(failures, 1))).toEqual([1_000, 2_000, 4_000, 30_000]);
    expect(wait(3, 0)).toBe(2_000);
  });
  it('writes on a colour so that it can be read', () => {
    expect(['#000000', '#2f57c9', '#ffd400', '#ffffff'].map(ink)).toEqual([
      '#ffffff',
      '#ffffff',
      '#111111',
      '#111111',
    ]);
    expect(['#2f57c9', 'red', '#fff', 'x#2f57c9'].map(isColour)).toEqual([true, false, false, false]);
  });
  it('speaks the language of the page, from the side that it is read from', () => {
    expect([textsOf('de-AT').send, textsOf('fr').send, textsOf('de', { textSend: 'Ab!' }).send]).toEqual([
      'Senden',
      'Send',
      'Ab!',
    ]);
    expect(['ar-EG', 'he', 'de', ''].map(directionOf)).toEqual(['rtl', 'rtl', 'ltr', 'ltr']);
    expect(fill('{name} of {name} {other}', { name: 'a' })).toBe('a of a {other}');
  });
});
