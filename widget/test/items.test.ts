import { expect, it } from 'vitest';
import { itemsOf, pieces, type Around, type Item } from '../src/items';
import { EMPTY, take, type Thread, type Waiting } from '../src/thread';
import type { Message } from '../src/wire';

const AROUND: Around = { greeting: '', company: 'Inn', readByCompany: 0, isOffline: false };
const said = (id: number, at: string, over: Partial<Message> = {}): Message => ({
  id,
  direction: 'out',
  body: `${id}`,
  at,
  status: 'sent',
  author: { kind: 'agent', name: 'Ada' },
  client_id: null,
  choices: [],
  attachments: [],
  ...over,
});
const thread = (...messages: Message[]): Thread => messages.reduce(take, EMPTY);
/** An item in a word. */
const short = (item: Item): string =>
  item.kind === 'said' ? `${item.who}>${item.body}${item.mark ? ` ${item.mark}` : ''}` : item.kind;
const shown = (of: Thread, over: Partial<Around> = {}) => itemsOf(of, { ...AROUND, ...over }).map(short);

it('names who speaks once, and again after a pause or after somebody else', () => {
  const flow = { kind: 'flow', name: '' } as const;
  const of = thread(
    said(1, '2026-03-04T10:00:00Z', { author: flow }),
    said(2, '2026-03-04T10:00:10Z', { author: flow }),
    said(3, '2026-03-04T10:01:00Z'),
    said(4, '2026-03-04T10:20:00Z'),
  );
  expect(shown(of, { greeting: 'Hello' })).toEqual(['Inn>Hello', 'Inn>1', '>2', 'Ada>3', 'Ada>4']);
});

it('marks how far the last words of the visitor have come', () => {
  const own = { direction: 'in', author: { kind: 'customer', name: '' } } as const;
  const of = thread(said(1, '2026-03-04T10:00:00Z', own), said(2, '2026-03-04T10:00:01Z', own));
  expect(shown(of)).toEqual(['>1', '>2 sent']);
  expect(shown(of, { readByCompany: 2 })).toEqual(['>1', '>2 read']);
  const waits: Waiting = {
    id: 'a',
    body: 'a',
    attachments: [],
    at: Date.parse('2026-03-04T10:00:02Z'),
    isSent: false,
    refused: null,
  };
  const waiting = { ...of, waiting: [waits, { ...waits, id: 'b', body: 'b', refused: 'no' }] };
  expect(shown(waiting, { isOffline: true })).toEqual(['>1', '>2', '>a waiting', '>b failed']);
  expect(shown(waiting)).toEqual(['>1', '>2', '>a sending', '>b failed']);
});

it('names the days only of a talk that goes over several, and offers choices at its end', () => {
  const choices = [{ label: 'A room', text: 'A room' }];
  const of = thread(said(1, '2026-03-04T12:00:00Z'), said(2, '2026-03-06T12:00:00Z', { choices }));
  expect(shown(of)).toEqual(['day', 'Ada>1', 'day', 'Ada>2', 'choices']);
});

it('finds links in words, without what ends the sentence', () => {
  const found = pieces('See https://a.example/x?y=1. Or (http://b.example), not javascript:alert(1)');
  expect(found.filter(({ isLink }) => isLink).map(({ words }) => words)).toEqual([
    'https://a.example/x?y=1',
    'http://b.example',
  ]);
  expect(found.map(({ words }) => words).join('')).toContain('javascript:alert(1)');
});
