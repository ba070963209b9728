import { expect, it } from 'vitest';
import { moments } from './moments';

const named = (now: string, zone: string) =>
  Object.fromEntries(moments(Date.parse(now), zone).map((moment) => [moment.id, moment.at.toISOString()]));

it('means tomorrow and Monday as the customer has them', () => {
  expect(named('2026-11-25T01:00:00Z', 'America/New_York')).toEqual({
    hour: '2026-11-25T02:00:00.000Z',
    three_hours: '2026-11-25T04:00:00.000Z',
    tomorrow: '2026-11-25T14:00:00.000Z',
    monday: '2026-11-30T14:00:00.000Z',
  });
});

it('offers this evening while it is ahead, and no day twice', () => {
  const sunday = named('2026-11-22T10:00:00Z', 'UTC');
  expect(sunday.this_evening).toBe('2026-11-22T18:00:00.000Z');
  expect(sunday.tomorrow).toBe('2026-11-23T09:00:00.000Z');
  expect(sunday.monday).toBeUndefined();
  expect(named('2026-11-23T10:00:00Z', 'UTC').monday).toBe('2026-11-30T09:00:00.000Z');
});
