import { describe, expect, it } from 'vitest';
import { shown } from './detail';
import type { MapResult } from './types';

const edge = (from: number, to: number, count: number) => ({
  from,
  to,
  count,
  customers: null,
  durations: null,
});
const map: MapResult = {
  events: 120,
  customers: 10,
  touchpoints: [0, 1, 2, 3, 4].map((touchpoint) => ({
    touchpoint,
    events: 20,
    customers: 10,
    starts: 2,
    ends: 2,
  })),
  edges: [edge(0, 1, 60), edge(1, 2, 30), edge(2, 3, 8), edge(3, 0, 2), edge(1, 1, 500)],
};

describe('what a map shows', () => {
  it('is the commonest edges up to the share, and what is hidden is counted', () => {
    const some = shown(map, 0.9);
    expect(some.edges.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect([...some.touchpoints].sort()).toEqual([0, 1, 2]);
    expect(some.hidden).toEqual({ touchpoints: 2, edges: 2, steps: expect.closeTo(0.1) });
  });
  it('is everything when everything is wanted', () => {
    const all = shown(map, 1);
    expect(all.touchpoints.size).toBe(5);
    expect(all.hidden).toEqual({ touchpoints: 0, edges: 0, steps: 0 });
  });
  it('has what must always be there, and nothing that the map does not know', () => {
    expect(shown(map, 0.5, [3, 99]).touchpoints).toEqual(new Set([3, 0, 1]));
  });
  it('keeps what comes again apart from the ways', () => {
    expect(shown(map, 1).again.get(1)?.count).toBe(500);
    expect(shown(map, 1).edges.some(({ from, to }) => from === to)).toBe(false);
  });
  it('shows places without ways', () => {
    expect(shown({ ...map, edges: [] }, 0.5).touchpoints.size).toBe(5);
  });
});
