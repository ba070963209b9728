/**
 * Paths as a picture: a column for each step, a bar for each touchpoint in it, as high as there are paths, and bands from
 * bar to bar. What ends, or goes on beyond the last column, leaves a bar without a band. Pure.
 */
import type { PathEdge, PathsResult } from './types';

export type Bar = {
  key: string;
  step: number;
  touchpoint: number | null;
  touchpoints: number;
  paths: number;
  ends: number;
  longer: number;
  x: number;
  y: number;
  height: number;
};
export type Band = { key: string; edge: PathEdge; path: string; thick: number };
export type Flow = { width: number; height: number; bars: Bar[]; bands: Band[] };

export const BAR = 12;
const GAP = 12;
/** A bar's name and figures need this much, however thin it is. */
const SLOT = 30;
const TOP = 34;
const LEAST = 3;

const keyOf = (step: number, touchpoint: number | null) => `${step}:${touchpoint ?? 'others'}`;

/** Lays paths out in a room of this size; with many bars it becomes higher than wanted. */
export function flow(result: PathsResult, room: { width: number; height: number }): Flow {
  const steps = result.steps.filter((nodes) => nodes.length > 0);
  const most = Math.max(1, ...steps.map((nodes) => nodes.reduce((sum, node) => sum + node.paths, 0)));
  const many = Math.max(1, ...steps.map((nodes) => nodes.length));
  const body = Math.max(room.height - TOP - (many - 1) * GAP, many * SLOT, 120);
  const scale = body / most;
  const pitch = steps.length > 1 ? room.width / steps.length : room.width;
  const bars = new Map<string, Bar>();
  steps.forEach((nodes, step) => {
    let y = TOP;
    for (const node of nodes) {
      const height = Math.max(node.paths * scale, LEAST);
      const key = keyOf(step, node.touchpoint);
      bars.set(key, { ...node, key, step, x: step * pitch, y, height });
      y += Math.max(height, SLOT) + GAP;
    }
  });
  const bottom = Math.max(TOP, ...[...bars.values()].map((bar) => bar.y + Math.max(bar.height, SLOT)));
  return {
    width: room.width,
    height: bottom + GAP,
    bars: [...bars.values()],
    bands: bandsOf(result.edges, bars, scale),
  };
}

function bandsOf(edges: PathEdge[], bars: Map<string, Bar>, scale: number): Band[] {
  const known = edges
    .map((edge) => ({
      edge,
      from: bars.get(keyOf(edge.step, edge.from)),
      to: bars.get(keyOf(edge.step + 1, edge.to)),
    }))
    .filter((one): one is { edge: PathEdge; from: Bar; to: Bar } => !!one.from && !!one.to)
    // At every bar the bands lie in the order of the bars at their other ends.
    .sort((a, b) => a.from.step - b.from.step || a.from.y - b.from.y || a.to.y - b.to.y);
  const [out, into] = [new Map<string, number>(), new Map<string, number>()];
  return known.map(({ edge, from, to }) => {
    const thick = Math.max(edge.paths * scale, 1);
    const [a, b] = [out.get(from.key) ?? 0, into.get(to.key) ?? 0];
    out.set(from.key, a + edge.paths * scale);
    into.set(to.key, b + edge.paths * scale);
    const [y1, y2] = [from.y + a + thick / 2, to.y + b + thick / 2];
    const [x1, x2] = [from.x + BAR, to.x];
    const middle = (x1 + x2) / 2;
    const path = `M${x1} ${y1.toFixed(1)}C${middle} ${y1.toFixed(1)} ${middle} ${y2.toFixed(1)} ${x2} ${y2.toFixed(1)}`;
    return { key: `${from.key}>${to.key}`, edge, path, thick };
  });
}
