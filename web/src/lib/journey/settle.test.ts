import { describe, expect, it } from 'vitest';
import { settle } from './settle';

const wish = (at: number, size = 10, weight = 1) => ({ at, size, weight });

describe('places along a line', () => {
  it('are as wished where there is room', () => {
    expect(settle([wish(0), wish(50)], 5)).toEqual([0, 50]);
  });
  it('give way to each other by the same, and keep their distance', () => {
    expect(settle([wish(20), wish(20)], 5)).toEqual([12.5, 27.5]);
  });
  it('give way by weight', () => {
    const [heavy, light] = settle([wish(20, 10, 99), wish(20, 10, 1)], 0) as [number, number];
    expect(heavy).toBeCloseTo(19.9);
    expect(light).toBeCloseTo(29.9);
  });
  it('keep their order, whatever is wished', () => {
    const placed = settle([wish(90), wish(10), wish(40), wish(0)], 2);
    placed.slice(1).forEach((at, index) => expect(at - placed[index]!).toBeGreaterThanOrEqual(12 - 1e-9));
  });
});
