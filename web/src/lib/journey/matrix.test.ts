import { expect, it } from 'vitest';
import { matrix } from './matrix';

it('a step matrix has the busiest first and those whose way has ended last', () => {
  const rows = [
    { touchpoint: 4, customers: [1, 0] },
    { touchpoint: 2, customers: [5, 1] },
  ];
  const told = matrix({ customers: 6, without: 0, rows, ended: [0, 5], longer: 0 });
  expect(told.map((row) => row.touchpoint)).toEqual([2, 4, null]);
  expect(told.at(-1)!.customers).toEqual([0, 5]);
});
