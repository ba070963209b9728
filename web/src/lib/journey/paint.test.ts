import { describe, expect, it } from 'vitest';
import { levelOf, painter } from './paint';
import type { MapResult, Touchpoint } from './types';

const edge = (from: number, to: number, count: number, customers: number | null = null, median_ms = 0) => ({
  from,
  to,
  count,
  customers,
  durations: median_ms ? { count, mean_ms: median_ms, median_ms, p90_ms: median_ms } : null,
});
const place = (touchpoint: number, events: number) => ({
  touchpoint,
  events,
  customers: events,
  starts: 0,
  ends: 0,
});
const map: MapResult = {
  events: 300,
  customers: 100,
  touchpoints: [place(0, 100), place(1, 50), place(2, 20)],
  edges: [edge(0, 1, 50, 40, 7_200_000), edge(0, 2, 10), edge(1, 2, 1), edge(2, 2, 900)],
};
const touchpoints = [0, 1, 2].map((id) => ({ id, is_contact: id === 2 })) as Touchpoint[];

describe('the paint of a map', () => {
  it('is the share who ask for help next', () => {
    const { painOf } = painter(map, touchpoints, 'pain');
    expect(painOf(0)).toBeCloseTo(0.1);
    expect(painOf(1)).toBeCloseTo(0.02);
    expect(painOf(2)).toBeNull();
  });
  it('colours a way by where it leads, and a way to a call for help by where it comes from', () => {
    const { levelOfEdge, levelOfTouchpoint } = painter(map, touchpoints, 'pain');
    expect(levelOfEdge(map.edges[0]!)).toBe(0);
    expect(levelOfEdge(map.edges[1]!)).toBe(2);
    expect(levelOfTouchpoint(0)).toBe(2);
    expect(levelOfTouchpoint(2)).toBe(0);
  });
  it('is how long it takes, where that is asked for', () => {
    expect(painter(map, touchpoints, 'time').levelOfEdge(map.edges[0]!)).toBe(1);
    expect(painter(map, touchpoints, 'time').levelOfEdge(map.edges[1]!)).toBe(0);
  });
  it('is thick by customers, whatever comes again', () => {
    const { widthOf } = painter(map, touchpoints, 'volume');
    expect(widthOf(map.edges[0]!)).toBe(13);
    expect(widthOf(map.edges[2]!)).toBe(1.25);
  });
  it('begins a level at its bound', () => {
    expect([0, 0.03, 0.08, 0.15].map((share) => levelOf('pain', share))).toEqual([0, 1, 2, 3]);
  });
});
