import { describe, expect, it } from 'vitest';
import { NODE_HEIGHT } from '../parts';
import type { Stage, Touchpoint } from '../types';
import { beside, dropped, placed, plan, shifted, yOf } from './plan';

const stages: Stage[] = [
  { id: 20, name: 'Book', position: 1, within_hours: null },
  { id: 10, name: 'Consider', position: 0, within_hours: 48 },
];
const point = (id: number, stage: number | null, role: Touchpoint['role'], over: Partial<Touchpoint> = {}) =>
  ({
    id,
    name: `t${id}`,
    signature: `track:t${id}`,
    is_contact: false,
    position: id,
    stage,
    role,
    repeats: false,
    is_alongside: false,
    is_hidden: false,
    events: 10 - id,
    ...over,
  }) as Touchpoint;
const rows = [
  point(0, 10, 'required'),
  point(1, 10, 'optional', { is_alongside: true }),
  point(2, 10, 'required'),
  point(3, 10, 'free'),
  point(4, 20, 'required'),
  point(5, null, 'free'),
  point(6, null, 'free', { is_hidden: true }),
];
const drawn = plan(stages, rows);
const lane = (index: number) => drawn.lanes[index]!;
const at = (id: number) => drawn.nodes.find((node) => node.row.id === id)!;

describe('the designed journey as it is drawn', () => {
  it('has a lane for each stage in order, and one for what is in none; what is hidden is not drawn', () => {
    expect(drawn.lanes.map((one) => one.stage?.name ?? null)).toEqual(['Consider', 'Book', null]);
    expect(lane(0).designed.map((row) => row.id)).toEqual([0, 1, 2]);
    expect(lane(0).free.map((row) => row.id)).toEqual([3]);
    expect(drawn.nodes.map((node) => node.row.id).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(at(3).y).toBeGreaterThan(drawn.divider);
    expect(at(2).y + NODE_HEIGHT).toBeLessThan(drawn.divider);
  });
  it('shows what may come in any order', () => {
    expect(drawn.together).toEqual([
      { lane: 0, first: 0, last: 1 },
      { lane: 0, first: 2, last: 2 },
      { lane: 1, first: 0, last: 0 },
    ]);
  });
  it('takes what is dropped into the design as optional, and what is dropped below out of it', () => {
    const [book] = [lane(1)];
    expect(dropped(drawn, rows[5]!, { x: book.x, y: yOf(0) })).toEqual({
      stage: 20,
      position: 4,
      role: 'optional',
    });
    expect(dropped(drawn, rows[0]!, { x: book.x, y: yOf(5) })).toMatchObject({ stage: 20 });
    expect(dropped(drawn, rows[0]!, { x: book.x, y: drawn.divider + 50 })).toEqual({
      stage: 20,
      role: 'free',
    });
    expect(dropped(drawn, rows[0]!, { x: lane(2).x, y: yOf(0) })).toEqual({ stage: null, role: 'free' });
    expect(dropped(drawn, rows[0]!, { x: -900, y: 0 })).toBeNull();
  });
  it('puts the last of a design before what else happens in the stage', () => {
    // Taken out of its place, the one behind moves up by one.
    expect(placed(rows[0]!, lane(0), 2)).toEqual({ stage: 10, position: 2 });
    expect(placed(rows[0]!, lane(0), 1)).toEqual({ stage: 10, position: 1 });
  });
  it('is changed with the keyboard, too', () => {
    expect(shifted(drawn, rows[0]!, 'ArrowDown')).toEqual({ stage: 10, position: 1 });
    expect(shifted(drawn, rows[0]!, 'ArrowUp')).toBeNull();
    expect(shifted(drawn, rows[2]!, 'ArrowDown')).toEqual({ stage: 10, role: 'free' });
    expect(shifted(drawn, rows[3]!, 'ArrowUp')).toMatchObject({ stage: 10, role: 'optional' });
    expect(shifted(drawn, rows[0]!, 'ArrowRight')).toMatchObject({ stage: 20 });
    expect(shifted(drawn, rows[4]!, 'ArrowRight')).toEqual({ stage: null, role: 'free' });
    expect(shifted(drawn, rows[5]!, 'ArrowRight')).toBeNull();
  });
  it('is walked over with the arrows', () => {
    expect(beside(drawn, 0, 'ArrowDown')).toBe(1);
    expect(beside(drawn, 2, 'ArrowDown')).toBe(3);
    expect(beside(drawn, 0, 'ArrowRight')).toBe(4);
    expect(beside(drawn, 5, 'ArrowRight')).toBeNull();
  });
});
