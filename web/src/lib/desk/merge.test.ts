import { describe, expect, it } from 'vitest';
import type { Conversation, Message, ThreadItem } from '../api/types';
import {
  appendRows,
  compare,
  joins,
  lastMessageId,
  mergeRows,
  mergeThread,
  messageItem,
  stepFrom,
} from './merge';

const row = (id: number, last_at: string, waiting_since: string | null = null) =>
  ({ id, last_at, waiting_since }) as Conversation;
const ids = (rows: Conversation[]) => rows.map((r) => r.id);
const message = (id: number, at: string, status: Message['status'] = 'received') =>
  messageItem({ id, at, status } as Message);

describe('the order', () => {
  it('puts the longest waiting first and those who do not wait last', () => {
    const rows = [row(1, '09:00'), row(2, '08:00', '07:30'), row(3, '09:30', '07:00'), row(4, '09:10')];
    expect(ids(rows.toSorted(compare('waiting')))).toEqual([3, 2, 4, 1]);
    expect(ids(rows.toSorted(compare('newest')))).toEqual([3, 4, 1, 2]);
  });
});

describe('a step in the list', () => {
  it.each([
    ['begins at the top', 5, -1, -1, 1, 0],
    ['goes down', 5, 2, 2, 1, 3],
    ['goes up', 5, 2, 2, -1, 1],
    ['goes nowhere behind the last row', 5, 4, 4, 1, 5],
    ['goes to what moved up when the row has left', 4, -1, 2, 1, 2],
    ['goes to the one above when the row has left', 4, -1, 2, -1, 1],
    ['goes to the last row when the last has left', 4, -1, 4, 1, 3],
    ['stays at the top when the first has left', 4, -1, 0, -1, 0],
  ] as const)('%s', (_, length, at, place, step, to) => expect(stepFrom(length, at, place, step)).toBe(to));
});

describe('rows', () => {
  const rows = [row(3, '10:00'), row(2, '09:00'), row(1, '08:00')];

  it('lets go of what the view no longer holds', () => {
    expect(ids(mergeRows(rows, [2], [], 'newest', true))).toEqual([3, 1]);
  });
  it('moves what changed to its new place', () => {
    expect(ids(mergeRows(rows, [1], [row(1, '11:00')], 'newest', true))).toEqual([1, 3, 2]);
  });
  it('leaves to its page what belongs behind the rows loaded so far', () => {
    expect(ids(mergeRows(rows, [9], [row(9, '07:00')], 'newest', false))).toEqual([3, 2, 1]);
    expect(ids(mergeRows(rows, [9], [row(9, '07:00')], 'newest', true))).toEqual([3, 2, 1, 9]);
    expect(ids(mergeRows(rows, [9], [row(9, '09:30')], 'newest', false))).toEqual([3, 9, 2, 1]);
  });
  it('fills an empty list', () => {
    expect(ids(mergeRows([], [5], [row(5, '07:00')], 'waiting', false))).toEqual([5]);
  });
  it('shows nobody twice when pages overlap', () => {
    expect(ids(appendRows(rows, [row(1, '08:00'), row(0, '07:00')]))).toEqual([3, 2, 1, 0]);
  });
});

describe('a thread', () => {
  const items = [message(1, '09:00'), message(2, '09:01', 'queued')];

  it('holds each message once, in the order of time', () => {
    const merged = mergeThread(items, [message(2, '09:01', 'sent'), message(3, '09:00:30')]);
    expect(merged.map((item) => item.key)).toEqual(['m1', 'm3', 'm2']);
    expect(merged[2]).toMatchObject({ message: { status: 'sent' } });
  });
  it('does not let a late word take back a newer one', () => {
    const delivered = mergeThread(items, [message(2, '09:01', 'delivered')]);
    const late = mergeThread(delivered, [message(2, '09:01', 'sent')], false);
    expect(late[1]).toMatchObject({ message: { status: 'delivered' } });
  });
  it('knows a gap', () => {
    expect(joins(items, [message(2, '09:01'), message(7, '11:00')])).toBe(true);
    expect(joins(items, [message(7, '11:00')])).toBe(false);
    expect(joins([], [message(7, '11:00')])).toBe(true);
  });
  it('knows the last message seen', () => {
    const note = { type: 'note', key: 'n9', at: '12:00', note: { id: 9 } } as ThreadItem;
    expect(lastMessageId([...items, note])).toBe(2);
    expect(lastMessageId([])).toBe(0);
  });
});
