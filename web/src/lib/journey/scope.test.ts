import { describe, expect, it } from 'vitest';
import { aboutOf, lengthOf, readScope, shared, slices } from './scope';

const read = (address: string) => readScope(new URLSearchParams(address), '2026-11-22');

describe('what an address asks for', () => {
  it('is the last 90 days when it says nothing, or nonsense', () => {
    for (const address of ['', 'days=8', 'from=2026-13-01&to=2026-12-01', 'from=2026-02-02&to=2026-01-01'])
      expect(read(address)).toMatchObject({ days: 90, period: { from: '2026-08-25', to: '2026-11-22' } });
  });
  it('is everything where that is wanted', () => {
    expect(aboutOf(read('days=all'))).toEqual({
      from: null,
      to: null,
      stage: null,
      channel: null,
      segment: null,
    });
  });
  it('is a window in the period, cut off at its ends', () => {
    expect(read('days=30&at=2026-10-01..2026-10-30').window).toEqual({
      from: '2026-10-24',
      to: '2026-10-30',
    });
    expect(aboutOf(read('days=30&at=2026-11-01..2026-11-07&stage=3&channel=sms'))).toEqual({
      from: '2026-11-01',
      to: '2026-11-07',
      stage: 3,
      channel: 'sms',
      segment: null,
    });
  });
  it('has no window where that is outside, or the whole', () => {
    expect(read('days=7&at=2025-01-01..2025-02-01').window).toBeNull();
    expect(read('days=7&at=2026-11-16..2026-11-22').window).toBeNull();
  });
});

describe('the parts of a trend', () => {
  it('are all days, each once', () => {
    const parts = slices({ from: '2026-11-01', to: '2026-11-22' }, 8);
    expect(parts).toHaveLength(8);
    expect(parts[0]!.from).toBe('2026-11-01');
    expect(parts.at(-1)!.to).toBe('2026-11-22');
    expect(parts.reduce((sum, part) => sum + lengthOf(part), 0)).toBe(22);
  });
  it('are no shorter than a day', () => {
    expect(slices({ from: '2026-11-01', to: '2026-11-02' }, 8)).toHaveLength(2);
  });
});

it('a link to another page keeps what is looked at, and nothing else', () => {
  expect(shared(new URLSearchParams('days=30&steps=1,2&stage=4'))).toBe('?days=30&stage=4');
  expect(shared(new URLSearchParams('steps=1'))).toBe('');
});
