import { describe, expect, it } from 'vitest';
import type { Change, Message } from '../api/types';
import { messageItem } from './merge';
import { withNews } from './news';

const change = (kind: string, data: Change['data'], actor: Change['actor']['kind'] = 'customer'): Change => ({
  id: 1,
  kind,
  conversation_id: 7,
  customer_id: 3,
  at: '2026-11-22T10:00:00Z',
  data,
  actor: { kind: actor, id: 3 },
});
const named = () => 'Priya';
const known = messageItem({ id: 5, at: '2026-11-22T09:00:00Z', status: 'sent', body: 'Hi' } as Message);

describe('news of a thread', () => {
  it('shows a message the moment it is told of', () => {
    const items = withNews([known], change('message_received', { message: 6, body: 'Hello?' }), named);
    expect(items).toHaveLength(2);
    expect(items[1]).toMatchObject({
      message: {
        id: 6,
        body: 'Hello?',
        direction: 'in',
        status: 'received',
        author: { kind: 'customer', name: 'Priya' },
      },
    });
  });
  it('knows whose words a queued message are', () => {
    const [item] = withNews([], change('message_queued', { message: 6, body: 'Menu' }, 'flow'), named);
    expect(item).toMatchObject({ message: { direction: 'out', status: 'queued', author: { kind: 'flow' } } });
    const [system] = withNews([], change('message_queued', { message: 6, body: 'Menu' }, 'api'), named);
    expect(system).toMatchObject({ message: { author: { kind: 'system' } } });
  });
  it('moves a message on, and never back', () => {
    const to = (status: string) => change('message_status_changed', { message: 5, status, error: null });
    expect(withNews([known], to('delivered'), named)[0]).toMatchObject({ message: { status: 'delivered' } });
    expect(withNews([known], to('queued'), named)[0]).toMatchObject({ message: { status: 'sent' } });
  });
  it('leaves alone what it knows better, and what tells nothing', () => {
    expect(withNews([known], change('message_queued', { message: 5, body: '?' }), named)).toEqual([known]);
    expect(withNews([known], change('conversation_closed', {}), named)).toEqual([known]);
  });
});
