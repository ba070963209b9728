import { expect, it } from 'vitest';
import { credits } from './credits';
import type { Credit } from './types';

const credit = (touchpoint: number, first: number, last: number): Credit => ({
  touchpoint,
  paths: 4,
  converting: 2,
  first,
  last,
  linear: 1,
  position: 1,
  time_decay: 1,
  markov: 1,
  shapley: 1,
  removal_effect: 0.5,
});

it('credits are sorted by the model that was chosen, with the range of all of them', () => {
  const nothing = { ...credit(9, 0, 0), linear: 0, position: 0, time_decay: 0, markov: 0, shapley: 0 };
  const result = {
    conversions: 5,
    direct: 1,
    lost: 0,
    conversion_rate: 1,
    touchpoints: [credit(1, 4, 0), credit(2, 0, 3), nothing],
  };
  expect(credits(result, 'first').map((row) => row.touchpoint)).toEqual([1, 2]);
  const byLast = credits(result, 'last');
  expect(byLast.map((row) => row.touchpoint)).toEqual([2, 1]);
  expect([byLast[1]!.low, byLast[1]!.high]).toEqual([0, 1]);
});
