import { describe, expect, it } from 'vitest';
import { layout } from './layout';
import { readChosen, writeChosen } from './map';
import type { Touchpoint } from './types';
import { isArrow, step } from './walk';

const edge = (from: number, to: number, count: number) => ({
  from,
  to,
  count,
  customers: null,
  durations: null,
});
const touchpoint = (id: number, stage: number): Touchpoint => ({ id, stage, position: id }) as Touchpoint;
const map = layout({
  stages: [
    { id: 1, name: 'A', position: 0, within_hours: null },
    { id: 2, name: 'B', position: 1, within_hours: null },
  ],
  touchpoints: [touchpoint(0, 1), touchpoint(1, 1), touchpoint(2, 2)],
  edges: [edge(0, 2, 5), edge(0, 1, 9), edge(2, 0, 1)],
  widthOf: () => 2,
});

describe('the arrows', () => {
  it('follow the strongest way, to and fro', () => {
    expect(step(map, 0, 'ArrowRight')).toBe(1);
    expect(step(map, 2, 'ArrowRight')).toBe(0);
    expect(step(map, 2, 'ArrowLeft')).toBe(0);
    expect(step(map, 1, 'ArrowRight')).toBeNull();
  });
  it('go up and down in the column', () => {
    const [upper, lower] = map.nodes
      .filter((node) => node.lane === 0)
      .sort((a, b) => a.y - b.y)
      .map((node) => node.touchpoint) as [number, number];
    expect(step(map, upper, 'ArrowDown')).toBe(lower);
    expect(step(map, lower, 'ArrowUp')).toBe(upper);
    expect(step(map, lower, 'ArrowDown')).toBeNull();
  });
  it('are arrows', () => {
    expect(isArrow('ArrowUp')).toBe(true);
    expect(isArrow('Enter')).toBe(false);
  });
});

it('what is chosen comes back from the address', () => {
  for (const text of ['3', '3-5', '']) expect(writeChosen(readChosen(text))).toBe(text);
  expect(readChosen('3-x')).toBeNull();
});
