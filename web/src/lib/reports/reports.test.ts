import { describe, expect, it } from 'vitest';
import type { Metric } from '../api/types';
import { headline, inUnit } from './metrics';
import { lastDays, readRange } from './range';

describe('the range of a report', () => {
  it('counts today', () =>
    expect(lastDays(7, '2026-03-03')).toEqual({ from: '2026-02-25', to: '2026-03-03' }));
  it('comes from the address, when that makes sense', () => {
    const read = (search: string) => readRange(new URLSearchParams(search), '2026-11-22');
    expect(read('from=2026-01-01&to=2026-01-31')).toEqual({
      from: '2026-01-01',
      to: '2026-01-31',
      days: null,
    });
    expect(read('from=2026-02-01&to=2026-01-31').days).toBe(30);
    expect(read('days=7').from).toBe('2026-11-16');
    expect(read('days=9999').days).toBe(30);
  });
});

describe('metrics', () => {
  const wording = { locale: 'en', units: { second: 's', minute: 'min', hour: 'h', day: 'd' } };
  const metric = (more: Partial<Metric>) =>
    ({ median: 2, mean: 3, value: null, unit: 'seconds', ...more }) as Metric;
  it('show the number that means most', () => {
    expect(headline(metric({}))).toBe(2);
    expect(headline(metric({ unit: 'share', value: 0.5 }))).toBe(0.5);
    expect(headline(metric({ unit: 'count' }))).toBe(3);
  });
  it('show their unit', () => {
    expect(inUnit(134, 'seconds', wording)).toBe('2 min 14 s');
    expect(inUnit(0.884, 'share', wording)).toBe('88%');
    expect(inUnit(29.44, 'count', wording)).toBe('29.4');
    expect(inUnit(null, 'share', wording)).toBe('–');
  });
});
