import { describe, expect, it } from 'vitest';
import { fits, groups, move, neighbour } from './placing';
import type { Touchpoint } from './types';

const stages = [
  { id: 2, name: 'B', position: 1, within_hours: null },
  { id: 1, name: 'A', position: 0, within_hours: null },
];
const touchpoint = (id: number, stage: number | null, position: number, events = 0) =>
  ({
    id,
    stage,
    position,
    events,
    signature: `track:${id}`,
    is_contact: false,
    is_hidden: false,
  }) as Touchpoint;
const all = [touchpoint(0, 1, 0), touchpoint(1, 1, 1), touchpoint(2, 2, 2), touchpoint(3, null, 3, 5)];
const of = (touchpoints: Touchpoint[]) => groups(stages, touchpoints);

/** What the server does with a place. */
function put(touchpoints: Touchpoint[], id: number, change: ReturnType<typeof move>): number[] {
  const rows = [...touchpoints].sort((a, b) => a.position - b.position);
  const [row] = rows.splice(
    rows.findIndex((one) => one.id === id),
    1,
  );
  rows.splice(change.position ?? row!.position, 0, { ...row!, stage: change.stage });
  return rows.filter((one) => one.stage === change.stage).map((one) => one.id);
}

describe('the catalogue', () => {
  it('begins with what is not placed, the commonest on top, and goes on by stage', () => {
    const more = [...all, touchpoint(4, 99, 4, 9), { ...touchpoint(5, null, 5, 99), is_hidden: true }];
    expect(of(more).map(({ stage, rows }) => [stage?.name ?? null, rows.map((row) => row.id)])).toEqual([
      [null, [4, 3, 5]],
      ['A', [0, 1]],
      ['B', [2]],
    ]);
  });
  it('ends with service, which needs no stage', () => {
    const asked = { ...touchpoint(6, null, 6), signature: 'conversation_opened' };
    expect(of([...all, asked]).map(({ key }) => key)).toEqual(['unplaced', 1, 2, 'service']);
  });
  it('has no group for what is not placed when there is nothing', () => {
    expect(of([]).map(({ stage }) => stage?.id)).toEqual([1, 2]);
  });
});

describe('a move', () => {
  const [, a, b] = of(all);
  it('comes before the one it is dropped on, from above and from below', () => {
    expect(put(all, 3, move(all[3]!, a!, all[1]!))).toEqual([0, 3, 1]);
    expect(put(all, 0, move(all[0]!, b!, all[2]!))).toEqual([0, 2]);
  });
  it('comes behind all where it is dropped on none', () => {
    expect(put(all, 0, move(all[0]!, b!, null))).toEqual([2, 0]);
    expect(put(all, 3, move(all[3]!, a!, null))).toEqual([0, 1, 3]);
  });
  it('out of all stages keeps its place', () => {
    expect(move(all[0]!, { stage: null, rows: [] }, null)).toEqual({ stage: null });
  });
  it('one up or down changes two rows', () => {
    expect(put(all, 1, move(all[1]!, a!, neighbour(all[1]!, a!, -1)!))).toEqual([1, 0]);
    expect(put(all, 0, move(all[0]!, a!, neighbour(all[0]!, a!, 1)!))).toEqual([1, 0]);
    expect(neighbour(all[0]!, a!, -1)).toBeUndefined();
    expect(neighbour(all[1]!, a!, 1)).toBeUndefined();
  });
});

it('what is looked for may be anywhere in the words', () => {
  expect(fits('pay fail', 'Payment failed', null)).toBe(true);
  expect(fits('pay x', 'Payment failed', null)).toBe(false);
  expect(fits('', 'anything')).toBe(true);
});
