import { expect, it } from 'vitest';
import { stack } from './lifecycle';

it('stacks who is active above the line and who has gone quiet below it', () => {
  const period = { from: 0, to: 1, new: 3, returning: 5, resurrected: 2, dormant: 4 };
  expect(stack(period, 100, 2).map(({ part, y, height }) => [part.key, y, height])).toEqual([
    ['returning', 90, 10],
    ['resurrected', 86, 4],
    ['new', 80, 6],
    ['dormant', 100, 8],
  ]);
  // While a period goes on, nobody has gone quiet in it.
  const open = stack({ ...period, dormant: null }, 100, 2).at(-1);
  expect(open).toMatchObject({ height: 0, count: null });
});
