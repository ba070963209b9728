import { expect, it } from 'vitest';
import { backOff } from './live.svelte';

it('waits longer with every try, and never more than half a minute and a bit', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((n) => backOff(n, 0))).toEqual([
    1000, 2000, 4000, 8000, 16000, 30000, 30000,
  ]);
  expect(backOff(50, 1)).toBe(37_500);
});
