import { describe, expect, it } from 'vitest';
import { layout, type LayoutInput } from './layout';
import { flowOrder, lanes } from './lanes';
import { crossings, order, type Vertex } from './order';
import { NODE_HEIGHT } from './parts';
import { spread } from './routes';
import type { MapEdge, Touchpoint } from './types';

const stages = [
  { id: 7, name: 'Book', position: 2, within_hours: null },
  { id: 9, name: 'Look', position: 1, within_hours: null },
  { id: 4, name: 'Stay', position: 3, within_hours: null },
];
const touchpoint = (id: number, stage: number | null): Touchpoint => ({
  id,
  name: `T${id}`,
  is_named: true,
  signature: null,
  rule: null,
  position: id,
  stage,
  channel: '',
  is_contact: false,
  is_hidden: false,
  role: 'free',
  repeats: false,
  is_alongside: true,
  events: 1,
  customers: 1,
  last_at: null,
});
const edge = (from: number, to: number, count = 10): MapEdge => ({
  from,
  to,
  count,
  customers: null,
  durations: null,
});
const input = (touchpoints: Touchpoint[], edges: MapEdge[]): LayoutInput => ({
  stages,
  touchpoints,
  edges,
  widthOf: () => 4,
});

describe('lanes', () => {
  it('stand in the order of the stages, and what is not placed is last', () => {
    const found = lanes(stages, [touchpoint(0, 7), touchpoint(1, null), touchpoint(2, 9)], []);
    expect(found.map((lane) => [lane.stage?.name ?? null, lane.columns])).toEqual([
      ['Look', [[2]]],
      ['Book', [[0]]],
      ['Stay', [[]]],
      [null, [[1]]],
    ]);
  });
  it('take in what names a stage that is gone', () => {
    expect(lanes([], [touchpoint(0, 99)], [])).toEqual([{ key: 'unplaced', stage: null, columns: [[0]] }]);
  });
  it('has service in a lane of its own, unless it was placed', () => {
    const asked = (id: number, stage: number | null) => ({
      ...touchpoint(id, stage),
      signature: 'conversation_opened',
      is_contact: true,
    });
    const found = lanes(stages, [touchpoint(0, null), asked(1, null), asked(2, 7)], []);
    expect(found.map((lane) => [lane.key, lane.columns.flat()])).toEqual([
      [9, []],
      [7, [2]],
      [4, []],
      ['service', [1]],
      ['unplaced', [0]],
    ]);
  });
  it('get columns along the way that people go, when there is much in them', () => {
    const ids = [3, 6, 0, 5, 1, 4, 2];
    const chain = [0, 1, 2, 3, 4, 5].map((one) => edge(one, one + 1));
    expect(flowOrder(ids, [...chain, edge(6, 0, 1)])).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const [lane] = lanes(
      [],
      ids.map((id) => touchpoint(id, null)),
      chain,
    );
    expect(lane!.columns).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
  });
});

describe('the order in the columns', () => {
  const vertex = (id: string, column: number): Vertex => ({ id, column, touchpoint: 0 });
  it('takes crossings out', () => {
    const columns = [['a', 'b', 'c'].map((id) => vertex(id, 0)), ['x', 'y', 'z'].map((id) => vertex(id, 1))];
    const links = [
      { a: 'a', b: 'z', weight: 5 },
      { a: 'b', b: 'y', weight: 5 },
      { a: 'c', b: 'x', weight: 5 },
    ];
    expect(crossings(columns, links)).toBe(15);
    expect(crossings(order(columns, links), links)).toBe(0);
  });
  it('brings together what belongs together in a column', () => {
    const columns = [['a', 'b', 'c', 'd'].map((id) => vertex(id, 0))];
    const [column] = order(columns, [{ a: 'a', b: 'd', weight: 1 }]);
    const ids = column!.map(({ id }) => id);
    expect(Math.abs(ids.indexOf('a') - ids.indexOf('d'))).toBe(1);
  });
});

describe('the picture', () => {
  const all = [touchpoint(0, 9), touchpoint(1, 9), touchpoint(2, 7), touchpoint(3, 4), touchpoint(4, 4)];
  const edges = [edge(0, 2), edge(2, 3), edge(0, 4), edge(1, 2), edge(4, 1), edge(0, 1), edge(3, 4)];

  it('is the same every time', () => {
    expect(layout(input(all, edges))).toEqual(layout(input(all, edges)));
  });
  it('has every touchpoint inside its lane, and none over another', () => {
    const { nodes, lanes: placed, height } = layout(input(all, edges));
    expect(nodes.map((node) => node.touchpoint).sort()).toEqual([0, 1, 2, 3, 4]);
    for (const node of nodes) {
      const lane = placed[node.lane]!;
      expect(node.x).toBeGreaterThan(lane.x);
      expect(node.x).toBeLessThan(lane.x + lane.width);
      expect(node.y).toBeGreaterThan(0);
      expect(node.y + NODE_HEIGHT).toBeLessThan(height);
      const others = nodes.filter((other) => other !== node && other.x === node.x);
      for (const other of others) expect(Math.abs(other.y - node.y)).toBeGreaterThanOrEqual(NODE_HEIGHT);
    }
  });
  it('leads a way past the touchpoints of the lanes between', () => {
    const { nodes, routes } = layout(input(all, edges));
    const passed = nodes.find((node) => node.touchpoint === 2)!;
    const way = routes.find((route) => route.id === '0-4')!;
    const levels = [...way.path.matchAll(/L[\d.-]+ ([\d.-]+)/g)].map((found) => Number(found[1]));
    expect(levels).toHaveLength(1);
    for (const y of levels) expect(y < passed.y || y > passed.y + NODE_HEIGHT).toBe(true);
  });
  it('leads every way that has both ends, and no other', () => {
    const { routes } = layout(input(all, [...edges, edge(0, 77)]));
    expect(routes.map((route) => route.id)).toEqual(edges.map(({ from, to }) => `${from}-${to}`));
    for (const route of routes) expect(route.path + route.head).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('of nothing is nothing, and does not fail', () => {
    expect(layout({ stages: [], touchpoints: [], edges: [], widthOf: () => 1 })).toMatchObject({
      nodes: [],
      routes: [],
      width: 0,
    });
  });
});

describe('ways at a side', () => {
  it('lie beside each other around the middle', () => {
    expect(spread([4, 4], 40)).toEqual([-3.5, 3.5]);
    expect(spread([10], 40)).toEqual([0]);
  });
  it('move together where there is not enough room', () => {
    const [first, last] = spread([20, 20], 20) as [number, number];
    expect(last - first).toBeLessThan(20);
    expect(first).toBeCloseTo(-last);
  });
});
