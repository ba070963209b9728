import { describe, expect, it } from 'vitest';
import type { Change, Message } from '../api/types';
import { messageItem } from './merge';
import { withNews } from './news';

const change = (kind: Change['kind'], data: object = {}, about?: Message) =>
  ({
    id: 31,
    kind,
    conversation_id: 7,
    customer_id: 3,
    at: '2026-11-22T10:00:00Z',
    data,
    names: {},
    message: about,
    actor: { kind: 'user', id: 2, name: 'Ben' },
  }) as Change;
const message = (id: number, status: Message['status'], at = '2026-11-22T09:00:00Z') =>
  ({ id, at, status, body: 'Hi' }) as Message;
const items = [messageItem(message(5, 'sent'))];

describe('news of a thread', () => {
  it('shows a message the moment it is told of', () => {
    const came = message(6, 'received', '2026-11-22T10:00:00Z');
    const now = withNews(items, change('message_received', { message: 6, body: 'Hi' }, came));
    expect(now.map((item) => item.key)).toEqual(['m5', 'm6']);
  });
  it('moves a message on, and never back', () => {
    const to = (status: Message['status']) =>
      withNews(items, change('message_status_changed', { message: 5, status }, message(5, status)))[0];
    expect(to('delivered')).toMatchObject({ message: { status: 'delivered' } });
    expect(to('queued')).toMatchObject({ message: { status: 'sent' } });
  });
  it('shows a note with who wrote it, and anything else as the line it is', () => {
    expect(withNews([], change('note_added', { note: 9, body: 'Dogs are fine' }))[0]).toMatchObject({
      key: 'n9',
      note: { author: { id: 2, name: 'Ben' }, body: 'Dogs are fine' },
    });
    expect(withNews([], change('conversation_closed'))[0]).toMatchObject({
      key: 'e31',
      event: { kind: 'conversation_closed' },
    });
  });
});
