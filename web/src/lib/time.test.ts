import { describe, expect, it } from 'vitest';
import { ago, atWallClock, clockIn, daysApart, shortDay, stopwatch, urgency, wallClock } from './time';

const now = Date.parse('2026-11-22T10:00:00Z');
const before = (ms: number) => new Date(now - ms).toISOString();

describe('ago', () => {
  it.each([
    [0, 'now'],
    [-5000, 'now'],
    [4_999, 'now'],
    [41_000, '41 s'],
    [60_000, '1 min'],
    [59 * 60_000, '59 min'],
    [3_600_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
  ])('%i ms is %s', (ms, words) => expect(ago(before(ms), now)).toBe(words));
});

describe('stopwatch', () => {
  it.each([
    [41_000, '0:41'],
    [362_000, '6:02'],
    [3_849_000, '1:04:09'],
    [49 * 3_600_000, '2 d'],
    [-9_000, '0:00'],
  ])('%i ms shows %s', (ms, text) => expect(stopwatch(before(ms), now)).toBe(text));
});

describe('urgency', () => {
  it('warns at two minutes and is bad at five', () => {
    expect(urgency(before(119_000), now)).toBe('calm');
    expect(urgency(before(120_000), now)).toBe('warn');
    expect(urgency(before(300_000), now)).toBe('bad');
  });
});

describe('a short day', () => {
  it('has the year where it is another one in its zone', () => {
    const first = Date.parse('2026-12-31T11:00:00Z');
    expect(shortDay(first, first, 'en-GB', 'Pacific/Kiritimati')).toBe('1 Jan');
    expect(shortDay(first, first + 82_800_000, 'en-GB', 'Pacific/Pago_Pago')).toBe('31 Dec');
    expect(shortDay(first, first + 86_400_000, 'en-GB', 'Pacific/Pago_Pago')).toBe('31 Dec 2026');
  });
});

describe('wall clocks', () => {
  it('reads a local time in its zone', () => {
    expect(atWallClock('2026-11-22T09:00', 'America/New_York').toISOString()).toBe(
      '2026-11-22T14:00:00.000Z',
    );
    expect(atWallClock('2026-07-01T09:00', 'America/New_York').toISOString()).toBe(
      '2026-07-01T13:00:00.000Z',
    );
  });
  it('moves a time that a clock change leaves out, and takes the first of two', () => {
    expect(atWallClock('2026-03-08T02:30', 'America/New_York').toISOString()).toBe(
      '2026-03-08T07:30:00.000Z',
    );
    expect(atWallClock('2026-11-01T01:30', 'America/New_York').toISOString()).toBe(
      '2026-11-01T05:30:00.000Z',
    );
  });
  it('is its own inverse', () => {
    expect(wallClock(Date.parse('2026-11-22T14:00:00Z'), 'America/New_York')).toBe('2026-11-22T09:00');
  });
});

it('tells the time elsewhere, where that is known', () => {
  expect(clockIn('America/New_York', now, 'en-GB')).toBe('5:00');
  expect(clockIn('', now, 'en-GB')).toBeNull();
  expect(clockIn('Mars/Olympus', now, 'en-GB')).toBeNull();
});

it('counts calendar days, not spans of 24 hours', () => {
  const morning = new Date(2026, 10, 22, 0, 5).getTime();
  const lateBefore = new Date(2026, 10, 21, 23, 55).getTime();
  expect(daysApart(lateBefore, morning)).toBe(1);
  expect(daysApart(morning, morning)).toBe(0);
});
