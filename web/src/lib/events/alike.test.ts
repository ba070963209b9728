import { describe, expect, it } from 'vitest';
import { alike } from './alike';
import { bursts } from './bursts';
import type { TimelineEvent } from './telling';

let id = 0;
const event = (minute: number, kind: TimelineEvent['kind'], data: object = {}): TimelineEvent =>
  ({
    id: ++id,
    at: new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString(),
    kind,
    actor: { kind: 'customer', id: 1, name: 'Ana' },
    conversation_id: null,
    customer_id: 3,
    names: {},
    data,
  }) as unknown as TimelineEvent;
const page = (minute: number, name: string, source = 1) => event(minute, 'page_viewed', { name, source });
const told = (events: TimelineEvent[]) =>
  alike(bursts(events)).map((line) => [line.head.kind, line.alike ?? 1] as const);

describe('lines that say much the same', () => {
  it('are one line, told by the newest', () => {
    const lines = alike(bursts([page(0, 'Rooms'), page(5, 'Room details'), page(20, 'Checkout')]));
    expect(lines).toHaveLength(1);
    expect(lines[0]!.head.data).toMatchObject({ name: 'Checkout' });
    expect(lines[0]!.events.map((one) => (one.data as { name: string }).name)).toEqual([
      'Rooms',
      'Room details',
      'Checkout',
    ]);
  });
  it('are not gathered over a pause, from another source, or when they are two', () => {
    expect(told([page(0, 'a'), page(1, 'b'), page(40, 'c'), page(41, 'd')])).toHaveLength(4);
    expect(told([page(0, 'a'), page(1, 'b', 2), page(2, 'c')])).toHaveLength(3);
  });
  it('hide no other action, and nothing that stands alone', () => {
    const action = (minute: number, name: string) => event(minute, 'action_tracked', { name, source: 1 });
    expect(told([action(0, 'Saved'), action(1, 'Payment failed'), action(2, 'Booked')])).toHaveLength(3);
    expect(told([action(0, 'Game'), action(1, 'Game'), action(2, 'Game')])).toEqual([['action_tracked', 3]]);
    const asked = [0, 1, 2].map((minute) => event(minute, 'request_filed'));
    expect(told(asked)).toHaveLength(3);
  });
});
