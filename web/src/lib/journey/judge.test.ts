import { describe, expect, it } from 'vitest';
import { ledger, place, scaleOf, sparkline, toneOf, weekly } from './judge';
import type { FrictionResult, ServiceResult, TouchpointFriction, Verdict } from './types';

const row = (touchpoint: number, contact_verdict: Verdict, is_silent = false) =>
  ({ touchpoint, contact_verdict, is_silent }) as TouchpointFriction;
const left = { value: 0, low: 0, high: 0 };

describe('the ledger', () => {
  it('keeps apart what was found, what cannot be said, and what is silent', () => {
    const result = {
      touchpoints: [
        row(1, { verdict: 'guilty' }),
        row(2, { verdict: 'clear' }, true),
        row(3, { verdict: 'not_estimable', why: 'too_few' }),
      ],
    } as FrictionResult;
    const { suspects, clear, refused, silent, guilty } = ledger(result);
    const ids = (rows: TouchpointFriction[]) => rows.map((one) => one.touchpoint);
    expect([suspects, clear, refused, silent, guilty].map(ids)).toEqual([[1], [2], [3], [2], [1]]);
  });
  it('accuses nobody who is explained by another one', () => {
    expect(toneOf(row(1, { verdict: 'guilty' }))).toBe('bad');
    expect(toneOf(row(1, { verdict: 'explained_by', touchpoint: 2, left }))).toBe('warn');
    expect(toneOf(row(1, { verdict: 'also_before' }))).toBe('plain');
  });
});

describe('a scale', () => {
  it('has room for all intervals, and for nothing', () => {
    const scale = scaleOf([{ value: 5, low: 2, high: 8 }, null, { value: -1, low: -2, high: 0 }]);
    expect(scale).toEqual({ low: -2, high: 8 });
    expect(place(3, scale)).toBe(50);
    expect(place(99, scale)).toBe(100);
  });
  it('of nothing is a scale', () => {
    expect(place(0, scaleOf([null]))).toBe(0);
  });
});

describe('weeks', () => {
  const count = (touches: number, calls: number) => ({ touches, calls, repeats: 0 });
  const service = {
    weeks: [
      { start: 200, stage: 0, count: count(90, 10) },
      { start: 100, stage: 1, count: count(1, 1) },
      { start: 100, stage: 0, count: count(3, 1) },
      { start: 300, stage: 1, count: count(0, 0) },
    ],
  } as ServiceResult;
  it('are in order, with gaps where nothing happened', () => {
    expect(weekly(service, 0)).toEqual([
      { start: 100, share: 0.25 },
      { start: 200, share: 0.1 },
      { start: 300, share: null },
    ]);
  });
  it('are a line that is broken at gaps', () => {
    const box = { width: 20, height: 10 };
    expect(sparkline([1, null, 2], 2, box)).toBe('M0.0 5.0M20.0 0.0');
    expect(sparkline([1, 2], 2, box)).toBe('M0.0 5.0L20.0 0.0');
  });
});
