/**
 * Where everything on a journey's map stands: lanes by stage, touchpoints in them, and the ways between. The same
 * input always gives the same picture. Pure.
 */
import { lanes, type Lane, type LaneKey } from './lanes';
import { order, type Link, type Vertex } from './order';
import { edgeId, NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from './parts';
import { routes, type Route } from './routes';
import { settle } from './settle';
import type { MapEdge, Stage, Touchpoint } from './types';

/** Between two columns there is room for ways to bend. */
const COLUMN_GAP = 60;
const LANE_PADDING = 18;
const LANE_GAP = 10;
/** Above the touchpoints stands the stage. */
const LANE_HEAD = 64;
const NODE_GAP = 34;
const ROUNDS = 12;

export type PlacedLane = { key: LaneKey; stage: Stage | null; x: number; width: number };
export type Layout = {
  width: number;
  height: number;
  lanes: PlacedLane[];
  nodes: PlacedNode[];
  routes: Route[];
};

export type LayoutInput = {
  stages: Stage[];
  /** Those that are shown. */
  touchpoints: Touchpoint[];
  edges: MapEdge[];
  /** How thick each edge is drawn. */
  widthOf: (edge: MapEdge) => number;
};

/** A column of the picture, with where it stands. */
type Column = { lane: number; x: number; touchpoints: number[] };

const nodeId = (touchpoint: number) => `t${touchpoint}`;
const bendId = (edge: MapEdge, column: number) => `b${edgeId(edge)}@${column}`;

/** Lays a map out. */
export function layout({ stages, touchpoints, edges, widthOf }: LayoutInput): Layout {
  const { placed, columns, width } = stand(lanes(stages, touchpoints, edges));
  const columnOf = new Map(columns.flatMap((column, index) => column.touchpoints.map((one) => [one, index])));
  const drawn = edges.filter((edge) => columnOf.has(edge.from) && columnOf.has(edge.to));
  const { vertices, links } = graph(columns, columnOf, drawn);
  const ordered = order(vertices, links);
  const middles = heights(ordered, links, widthOf, drawn);
  const top = Math.min(...middles.values(), Infinity);
  const shift = Number.isFinite(top) ? LANE_HEAD + NODE_HEIGHT / 2 - top : 0;
  const middleOf = (id: string) => middles.get(id)! + shift;
  const nodes = columns.flatMap((column) =>
    column.touchpoints.map((touchpoint) => ({
      touchpoint,
      lane: column.lane,
      x: column.x,
      y: middleOf(nodeId(touchpoint)) - NODE_HEIGHT / 2,
    })),
  );
  const bottom = Math.max(LANE_HEAD + 2 * NODE_HEIGHT, ...[...middles.values()].map((y) => y + shift));
  const bends = (edge: MapEdge) =>
    between(columnOf.get(edge.from)!, columnOf.get(edge.to)!).map((column) => ({
      x: columns[column]!.x,
      y: middleOf(bendId(edge, column)),
    }));
  return {
    width,
    height: bottom + NODE_HEIGHT / 2 + LANE_PADDING + 10,
    lanes: placed,
    nodes,
    routes: routes({ nodes, edges: drawn, bends, widthOf }),
  };
}

/** Puts lanes and their columns side by side. */
function stand(all: Lane[]): { placed: PlacedLane[]; columns: Column[]; width: number } {
  const columns: Column[] = [];
  const placed: PlacedLane[] = [];
  let x = 0;
  all.forEach((lane, index) => {
    const left = x;
    x += LANE_PADDING;
    lane.columns.forEach((touchpoints, place) => {
      if (place > 0) x += COLUMN_GAP;
      columns.push({ lane: index, x, touchpoints });
      x += NODE_WIDTH;
    });
    x += LANE_PADDING;
    placed.push({ key: lane.key, stage: lane.stage, x: left, width: x - left });
    x += LANE_GAP;
  });
  return { placed, columns, width: Math.max(x - LANE_GAP, 0) };
}

/** The columns strictly between two, on the way from one to the other. */
function between(from: number, to: number): number[] {
  const step = Math.sign(to - from);
  return Array.from(
    { length: Math.max(Math.abs(to - from) - 1, 0) },
    (_, index) => from + (index + 1) * step,
  );
}

function graph(columns: Column[], columnOf: Map<number, number>, edges: MapEdge[]) {
  const vertices: Vertex[][] = columns.map((column, index) =>
    column.touchpoints.map((touchpoint) => ({ id: nodeId(touchpoint), column: index, touchpoint })),
  );
  const links: Link[] = [];
  for (const edge of edges) {
    const passed = between(columnOf.get(edge.from)!, columnOf.get(edge.to)!);
    for (const column of passed)
      vertices[column]!.push({ id: bendId(edge, column), column, touchpoint: null });
    const chain = [nodeId(edge.from), ...passed.map((column) => bendId(edge, column)), nodeId(edge.to)];
    chain.slice(1).forEach((b, index) => links.push({ a: chain[index]!, b, weight: edge.count }));
  }
  return { vertices, links };
}

/** The middle of every vertex: near what it is linked with, in order, and apart from its neighbours. */
function heights(
  ordered: Vertex[][],
  links: Link[],
  widthOf: (edge: MapEdge) => number,
  edges: MapEdge[],
): Map<string, number> {
  const thick = new Map(edges.map((edge) => [edgeId(edge), widthOf(edge)]));
  const size = (vertex: Vertex) =>
    vertex.touchpoint === null ? thick.get(vertex.id.slice(1).split('@')[0]!)! - NODE_GAP / 2 : NODE_HEIGHT;
  const at = new Map<string, number>();
  // Every column begins in the middle: what has nothing to follow stays there.
  for (const column of ordered) {
    const wishes = column.map((vertex) => ({ at: 0, size: size(vertex), weight: 1 }));
    settle(wishes, NODE_GAP).forEach((y, index) => at.set(column[index]!.id, y));
  }
  const pulls = pullsOf(ordered, links);
  for (let round = 0; round < ROUNDS; round++)
    for (const column of round % 2 === 0 ? ordered : [...ordered].reverse()) {
      const wishes = column.map((vertex) => {
        const near = pulls.get(vertex.id)!;
        const weight = near.reduce((sum, one) => sum + one.weight, 0);
        const wish = near.reduce((sum, one) => sum + one.weight * at.get(one.id)!, 0) / (weight || 1);
        return { at: near.length ? wish : at.get(vertex.id)!, size: size(vertex), weight: weight || 1e-6 };
      });
      settle(wishes, NODE_GAP).forEach((y, index) => at.set(column[index]!.id, y));
    }
  return at;
}

/** What pulls each vertex: its links to other columns. */
function pullsOf(ordered: Vertex[][], links: Link[]): Map<string, { id: string; weight: number }[]> {
  const columnOf = new Map(ordered.flat().map((vertex) => [vertex.id, vertex.column]));
  const isBend = (id: string) => id.startsWith('b');
  const pulls = new Map(ordered.flat().map((vertex) => [vertex.id, [] as { id: string; weight: number }[]]));
  for (const { a, b, weight } of links) {
    if (columnOf.get(a) === columnOf.get(b)) continue;
    // A way straight through pulls more, so that it stays straight.
    const strength = weight * (isBend(a) && isBend(b) ? 4 : 1);
    pulls.get(a)!.push({ id: b, weight: strength });
    pulls.get(b)!.push({ id: a, weight: strength });
  }
  return pulls;
}
