/**
 * How the ways of a map are led: from side to side where columns differ, straight down or in a bow where they do not. At
 * each side of a touchpoint the ways lie beside each other, in the order of where they come from. Pure.
 */
import type { MapEdge } from './types';
import { edgeId, NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from './parts';

export type Point = { x: number; y: number };
export type Route = {
  id: string;
  edge: MapEdge;
  width: number;
  /** The line, and the head at its end. */
  path: string;
  head: string;
  /** Where its label stands. */
  label: Point;
};

type Side = 'left' | 'right' | 'top' | 'bottom';
type Ends = { edge: MapEdge; out: Side; into: Side; bends: Point[] };
type Input = {
  nodes: PlacedNode[];
  edges: MapEdge[];
  bends: (edge: MapEdge) => Point[];
  widthOf: (edge: MapEdge) => number;
};

/** The head is this long. */
const HEAD = 8;
const BOW = 24;
/** Ways leave a side within this much of it. */
const PORTS = NODE_HEIGHT - 12;
const PORTS_BELOW = 64;

/** Leads all edges. */
export function routes({ nodes, edges, bends, widthOf }: Input): Route[] {
  const at = new Map(nodes.map((node) => [node.touchpoint, node]));
  const ends = edges.map((edge) => endsOf(edge, at, bends(edge), nodes));
  const ports = portsOf(ends, at, widthOf);
  return ends.map((one) => {
    const id = edgeId(one.edge);
    const width = widthOf(one.edge);
    const [from, to] = [ports.get(`${id}>`)!, ports.get(`>${id}`)!];
    return { id, edge: one.edge, width, ...drawn(one, from, to, width) };
  });
}

const isOneColumn = (a: PlacedNode, b: PlacedNode) => a.x === b.x;

/** Whether no touchpoint stands between two of one column. */
const isNext = (a: PlacedNode, b: PlacedNode, nodes: PlacedNode[]) =>
  !nodes.some((one) => one.x === a.x && one.y > Math.min(a.y, b.y) && one.y < Math.max(a.y, b.y));

function endsOf(edge: MapEdge, at: Map<number, PlacedNode>, bends: Point[], nodes: PlacedNode[]): Ends {
  const [from, to] = [at.get(edge.from)!, at.get(edge.to)!];
  if (!isOneColumn(from, to))
    return from.x < to.x
      ? { edge, out: 'right', into: 'left', bends }
      : { edge, out: 'left', into: 'right', bends };
  const isDown = from.y < to.y;
  if (isNext(from, to, nodes))
    return { edge, out: isDown ? 'bottom' : 'top', into: isDown ? 'top' : 'bottom', bends };
  const side = isDown ? 'right' : 'left';
  return { edge, out: side, into: side, bends };
}

/** Where at the touchpoints each edge begins (`ID>`) and ends (`>ID`). */
function portsOf(
  ends: Ends[],
  at: Map<number, PlacedNode>,
  widthOf: (edge: MapEdge) => number,
): Map<string, Point> {
  type Port = { key: string; toward: number; width: number };
  const sides = new Map<string, { node: PlacedNode; side: Side; ports: Port[] }>();
  const add = (node: PlacedNode, side: Side, port: Port) => {
    const key = `${node.touchpoint} ${side}`;
    if (!sides.has(key)) sides.set(key, { node, side, ports: [] });
    sides.get(key)!.ports.push(port);
  };
  for (const { edge, out, into, bends } of ends) {
    const [from, to] = [at.get(edge.from)!, at.get(edge.to)!];
    const id = edgeId(edge);
    const width = widthOf(edge);
    // Ways between neighbours in a column: those down at the left of those up.
    const isBelow = out === 'bottom' || out === 'top';
    const lean = out === 'bottom' ? 0 : 1;
    add(from, out, { key: `${id}>`, toward: isBelow ? lean : (bends[0]?.y ?? to.y), width });
    add(to, into, { key: `>${id}`, toward: isBelow ? lean : (bends.at(-1)?.y ?? from.y), width });
  }
  const ports = new Map<string, Point>();
  for (const { node, side, ports: all } of sides.values()) {
    all.sort((a, b) => a.toward - b.toward || a.key.localeCompare(b.key));
    const isBelow = side === 'top' || side === 'bottom';
    spread(
      all.map((port) => port.width),
      isBelow ? PORTS_BELOW : PORTS,
    ).forEach((offset, index) => {
      ports.set(all[index]!.key, spot(node, side, offset));
    });
  }
  return ports;
}

/** The middles of things beside each other around 0; they overlap where there is not enough room. */
export function spread(widths: number[], room: number): number[] {
  const gap = 3;
  const all = widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
  const squeeze = Math.min(1, room / Math.max(all, 1));
  let edge = (-all * squeeze) / 2;
  return widths.map((width) => {
    const middle = edge + (width * squeeze) / 2;
    edge += (width + gap) * squeeze;
    return middle;
  });
}

function spot(node: PlacedNode, side: Side, offset: number): Point {
  const [x, y] = [node.x + NODE_WIDTH / 2, node.y + NODE_HEIGHT / 2];
  if (side === 'left') return { x: node.x, y: y + offset };
  if (side === 'right') return { x: node.x + NODE_WIDTH, y: y + offset };
  return { x: x + offset, y: side === 'top' ? node.y : node.y + NODE_HEIGHT };
}

const OUTWARD: Record<Side, Point> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
};
const round = (value: number) => Math.round(value * 10) / 10;
const text = ({ x, y }: Point) => `${round(x)} ${round(y)}`;

function drawn(ends: Ends, from: Point, to: Point, width: number): Pick<Route, 'path' | 'head' | 'label'> {
  const out = OUTWARD[ends.into];
  const tip = { x: to.x + out.x, y: to.y + out.y };
  const neck = { x: to.x + out.x * HEAD, y: to.y + out.y * HEAD };
  const half = Math.max(width / 2 + 2, 3.5);
  const across = { x: out.y * half, y: out.x * half };
  const head = `M${text(tip)}L${text({ x: neck.x + across.x, y: neck.y + across.y })}L${text({ x: neck.x - across.x, y: neck.y - across.y })}Z`;
  const led = ends.out === ends.into ? bow(from, neck, out) : through(from, neck, ends);
  return { head, ...led };
}

/** Out at one side of the column and in again at the same side. */
function bow(from: Point, to: Point, out: Point): Pick<Route, 'path' | 'label'> {
  const far =
    Math.max(from.x * out.x, to.x * out.x) * out.x +
    out.x * (BOW + Math.min(Math.abs(from.y - to.y) / 12, 26));
  const middle = (from.y + to.y) / 2;
  return {
    path: `M${text(from)}C${text({ x: far, y: from.y })} ${text({ x: far, y: to.y })} ${text(to)}`,
    label: { x: (from.x + 3 * far) / 4, y: middle },
  };
}

/** From side to side, level through every column that it passes. */
function through(from: Point, to: Point, { out, bends }: Ends): Pick<Route, 'path' | 'label'> {
  if (out === 'top' || out === 'bottom')
    return {
      path: `M${text(from)}C${text({ x: from.x, y: (from.y + to.y) / 2 })} ${text({ x: to.x, y: (from.y + to.y) / 2 })} ${text(to)}`,
      label: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
    };
  const isRight = out === 'right';
  const stops: [Point, Point][] = bends.map(({ x, y }) => {
    const [left, right] = [
      { x, y },
      { x: x + NODE_WIDTH, y },
    ];
    return isRight ? [left, right] : [right, left];
  });
  let here = from;
  let path = `M${text(from)}`;
  const legs: [Point, Point][] = [];
  for (const [begin, end] of [...stops, [to, to] as [Point, Point]]) {
    const middle = (here.x + begin.x) / 2;
    path += `C${text({ x: middle, y: here.y })} ${text({ x: middle, y: begin.y })} ${text(begin)}`;
    legs.push([here, begin]);
    if (end !== begin) path += `L${text(end)}`;
    here = end;
  }
  // The first leg is where a reader looks for it: at the touchpoint that it leaves.
  const [a, b] = legs[0]!;
  return { path, label: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
}
