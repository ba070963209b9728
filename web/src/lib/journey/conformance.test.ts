import { describe, expect, it } from 'vitest';
import { drift, headline, keyOf, weekly } from './conformance';
import type { ConformanceResult, Deviation } from './types';

const WEEK = 7 * 86_400_000;
const fitness = (fitting: number, ways: number) => ({
  ways,
  fitting,
  cost: 0,
  worst_cost: 1,
  mean_fitness: 0,
  log_fitness: 0,
});
const result = (weeks: [number, number][], underway_since: number | null = null): ConformanceResult => ({
  underway_since,
  customers: 0,
  all: fitness(0, 0),
  finished: fitness(0, 0),
  weeks: weeks.map(([fitting, ways], index) => ({
    start: index * WEEK,
    fitness: fitness(fitting, ways),
  })),
  deviations: [],
});
const deviation = (over: Partial<Deviation>): Deviation => ({
  kind: 'skipped',
  touchpoint: 3,
  stage: 1,
  times: 1,
  customers: 1,
  weeks: [],
  people: [],
  ...over,
});

describe('the designed journey against what was found', () => {
  it('drifts from the weeks before to the last one that is over', () => {
    const weeks: [number, number][] = [
      [0, 10],
      [5, 10],
      [10, 30],
      [1, 10],
      [9, 10],
    ];
    expect(drift(result(weeks, 4.5 * WEEK))).toEqual({ last: 0.1, before: 15 / 50 });
    expect(drift(result(weeks))).toEqual({ last: 0.9, before: 16 / 60 });
    expect(drift(result(weeks, WEEK))).toBeNull();
  });
  it('speaks of ways that are over, and of all only where none is', () => {
    const some = { ...result([]), all: fitness(31, 100), finished: fitness(6, 40) };
    expect(headline(some)).toEqual({ held: fitness(6, 40), open: fitness(25, 60) });
    expect(headline({ ...some, finished: some.all })).toEqual({ held: some.all, open: null });
    const none = { ...some, finished: fitness(0, 0) };
    expect(headline(none)).toEqual({ held: some.all, open: null });
  });
  it('tells a deviation week by week, also where nobody did', () => {
    const one = deviation({ weeks: [{ start: WEEK, ways: 4 }] });
    expect(
      weekly(
        one,
        result([
          [0, 10],
          [0, 8],
        ]),
      ),
    ).toEqual([
      { start: 0, share: 0 },
      { start: WEEK, share: 0.5 },
    ]);
  });
  it('is named by its touchpoint, or by the stage that is late', () => {
    expect(keyOf(deviation({}), [])).toBe('skipped-3');
    expect(keyOf(deviation({ kind: 'late', touchpoint: null }), [{ id: 7 }, { id: 9 }])).toBe('late-9');
  });
});
