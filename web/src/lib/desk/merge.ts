/**
 * How what the server says is worked into what the screen shows. Pure, so that order and membership can be tested.
 */
import type { Conversation, Message, Note, ThreadItem } from '../api/types';

export type Sort = 'waiting' | 'newest';

/** The order of the list: who has waited longest, then who wrote last; or newest first. */
export function compare(sort: Sort): (a: Conversation, b: Conversation) => number {
  const newest = (a: Conversation, b: Conversation) => cmp(b.last_at, a.last_at) || b.id - a.id;
  if (sort === 'newest') return newest;
  return (a, b) => {
    if (a.waiting_since && b.waiting_since) return cmp(a.waiting_since, b.waiting_since) || a.id - b.id;
    if (a.waiting_since) return -1;
    return b.waiting_since ? 1 : newest(a, b);
  };
}
// Times are UTC in one form, so they sort as text.
const cmp = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Works what was asked for again into the rows: those that are not found in the view leave, those found take their
 * place. Behind the last row of an unfinished list nothing is added: its page will bring it.
 */
export function mergeRows(
  rows: Conversation[],
  asked: number[],
  found: Conversation[],
  sort: Sort,
  complete: boolean,
): Conversation[] {
  const order = compare(sort);
  const gone = new Set(asked);
  const kept = rows.filter((row) => !gone.has(row.id));
  const last = rows.at(-1);
  const added = found.filter((row) => complete || !last || order(row, last) <= 0 || row.id === last.id);
  return [...kept, ...added].sort(order);
}

/** Adds a page behind the rows, without showing anybody twice. */
export function appendRows(rows: Conversation[], page: Conversation[]): Conversation[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...page.filter((row) => !known.has(row.id))];
}

/**
 * The row a step leads to. `at`: the open one, -1 when it is not in the list; `place`: where it stood before it left,
 * -1 when there was none. What followed the one that left has moved up to its place.
 */
export function stepFrom(length: number, at: number, place: number, step: 1 | -1): number {
  if (at >= 0) return at + step;
  if (place < 0) return 0;
  return step > 0 ? Math.min(place, length - 1) : Math.max(Math.min(place, length) - 1, 0);
}

/** One name for one thing in a thread, whichever way it came. */
export function keyOf(item: ThreadItem): string {
  switch (item.type) {
    case 'message':
      return `m${item.message.id}`;
    case 'note':
      return `n${item.note.id}`;
    case 'event':
      return `e${item.event.id}`;
  }
}

export const messageItem = (message: Message): ThreadItem => ({
  type: 'message',
  key: `m${message.id}`,
  at: message.at,
  message,
});
export const noteItem = (note: Note): ThreadItem => ({ type: 'note', key: `n${note.id}`, at: note.at, note });

/** How far a message has come; an older word about it never takes back a newer one. */
const RANK: Record<Message['status'], number> = {
  received: 9,
  scheduled: 0,
  queued: 1,
  sending: 2,
  unconfirmed: 3,
  sent: 4,
  delivered: 5,
  read: 6,
  undelivered: 6,
  failed: 6,
  cancelled: 6,
  refused: 6,
};

/** Of what happened at the same time, a message comes before what it caused. */
const TYPES: ThreadItem['type'][] = ['message', 'event', 'note'];

/** Works items into a thread: each once, in the order of time, the newest word about each. */
export function mergeThread(items: ThreadItem[], more: ThreadItem[], trusted = true): ThreadItem[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  for (const item of more) {
    const before = byKey.get(keyOf(item));
    const stale =
      !trusted &&
      item.type === 'message' &&
      before?.type === 'message' &&
      RANK[item.message.status] < RANK[before.message.status];
    if (!stale) byKey.set(keyOf(item), item);
  }
  const place = (item: ThreadItem) =>
    item.type === 'message' ? item.message.id : item.type === 'note' ? item.note.id : item.event.id;
  return [...byKey.values()].sort(
    (a, b) => cmp(a.at, b.at) || TYPES.indexOf(a.type) - TYPES.indexOf(b.type) || place(a) - place(b),
  );
}

/** Whether a newest page follows on the items without a gap, so that both can be joined. */
export function joins(items: ThreadItem[], page: ThreadItem[]): boolean {
  if (items.length === 0 || page.length === 0) return true;
  const known = new Set(items.map(keyOf));
  return page.some((item) => known.has(keyOf(item)));
}

/** The newest message id of a thread: what an agent has seen when they press send. */
export function lastMessageId(items: ThreadItem[]): number {
  return items.reduce((max, item) => (item.type === 'message' ? Math.max(max, item.message.id) : max), 0);
}

/** The newest note id of a thread. */
export function lastNoteId(items: ThreadItem[]): number {
  return items.reduce((max, item) => (item.type === 'note' ? Math.max(max, item.note.id) : max), 0);
}
