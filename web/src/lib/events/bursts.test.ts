import { describe, expect, it } from 'vitest';
import { bursts, fold } from './bursts';
import type { ThreadItem } from '../api/types';
import type { TimelineEvent } from './telling';

let id = 0;
const event = (kind: TimelineEvent['kind'], actor: string, data: object = {}): TimelineEvent =>
  ({
    id: ++id,
    at: `2026-11-22T10:00:${String(id).padStart(2, '0')}Z`,
    kind,
    actor: { kind: actor, id: 1, name: actor },
    conversation_id: 7,
    customer_id: 3,
    names: {},
    data,
  }) as unknown as TimelineEvent;
const kinds = (events: TimelineEvent[]) =>
  bursts(events).map((line) => [line.head.kind, line.events.length] as const);

const story = () => [
  event('conversation_opened', 'customer'),
  event('message_received', 'customer', { message: 1 }),
  event('flow_started', 'flow', { session: 5 }),
  event('message_queued', 'flow', { message: 2 }),
  event('message_status_changed', 'system', { message: 2, status: 'delivered' }),
  event('message_received', 'customer', { message: 3 }),
  event('request_filed', 'flow'),
  event('flow_ended', 'flow', { session: 5, because: 'completed' }),
  event('conversation_closed', 'flow'),
  event('message_queued', 'user', { message: 4 }),
  event('message_status_changed', 'system', { message: 4, status: 'sent' }),
  event('message_status_changed', 'system', { message: 4, status: 'failed' }),
];

describe('events in lines', () => {
  it('gathers a menu, and a message with what became of it; what needs a person stands alone', () => {
    expect(kinds(story())).toEqual([
      ['conversation_opened', 1],
      ['message_received', 1],
      ['request_filed', 1],
      ['flow_ended', 6],
      ['message_queued', 2],
      ['message_status_changed', 1],
    ]);
  });
  it('leaves nothing out', () => {
    const events = story();
    const shown = bursts(events).flatMap((line) => line.events.map((one) => one.id));
    expect(shown.sort((a, b) => a - b)).toEqual(events.map((one) => one.id));
  });
  it('says of a menu that hands over to whom, once', () => {
    const events = [
      event('flow_started', 'flow', { session: 8 }),
      event('handed_off', 'flow', { team: 2 }),
      event('flow_ended', 'flow', { session: 8, because: 'handed_off' }),
    ];
    expect(kinds(events)).toEqual([['handed_off', 3]]);
  });
  it('leaves what a person does out of a menu', () => {
    const events = [event('flow_started', 'flow', { session: 6 }), event('conversation_tagged', 'user')];
    expect(kinds(events)).toEqual([
      ['flow_started', 1],
      ['conversation_tagged', 1],
    ]);
  });
  it('puts one line for a menu where its last event stood in the thread', () => {
    const items = story()
      .filter((one) => !one.kind.startsWith('message_'))
      .map((one): ThreadItem => ({ type: 'event', key: `e${one.id}`, at: one.at, event: one }));
    expect(fold(items).map((item) => item.type === 'line' && item.line.head.kind)).toEqual([
      'conversation_opened',
      'request_filed',
      'flow_ended',
    ]);
  });
});
