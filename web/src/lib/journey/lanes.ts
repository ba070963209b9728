/**
 * The columns of a map: a lane for each stage in order, and a last one for what has no stage yet; a lane with many
 * touchpoints has several columns, which follow the way that most people go. Pure.
 */
import type { MapEdge, Stage, Touchpoint } from './types';

/** `stage` is null in the lane of what is not placed yet. */
export type Lane = { stage: Stage | null; columns: number[][] };

/** More than this in one column is a tower; then the lane gets another column. */
const HIGHEST = 6;

/** Deals touchpoints to lanes. A stage without a touchpoint keeps its lane: it is part of the journey as designed. */
export function lanes(stages: Stage[], touchpoints: Touchpoint[], edges: MapEdge[]): Lane[] {
  const inOrder = [...stages].sort((a, b) => a.position - b.position || a.id - b.id);
  const known = new Set(stages.map((stage) => stage.id));
  const of = (stage: Stage | null) =>
    touchpoints
      .filter((one) => (stage ? one.stage === stage.id : one.stage === null || !known.has(one.stage)))
      .sort((a, b) => a.position - b.position || a.id - b.id)
      .map((one) => one.id);
  const unplaced = of(null);
  return [
    ...inOrder.map((stage) => ({ stage, columns: columns(of(stage), edges) })),
    ...(unplaced.length > 0 ? [{ stage: null, columns: columns(unplaced, edges) }] : []),
  ];
}

function columns(touchpoints: number[], edges: MapEdge[]): number[][] {
  if (touchpoints.length <= HIGHEST) return [touchpoints];
  const order = flowOrder(touchpoints, edges);
  const count = Math.ceil(order.length / (HIGHEST - 1));
  const height = Math.ceil(order.length / count);
  return Array.from({ length: count }, (_, index) => order.slice(index * height, (index + 1) * height));
}

/**
 * An order in which most of what goes from one to another goes forward: from both ends, what has nothing but ways out
 * comes first, and of the rest what has most more ways out than in (Eades, Lin & Smyth, Information Processing Letters 47, 1993).
 */
export function flowOrder(touchpoints: number[], edges: MapEdge[]): number[] {
  const left = new Set(touchpoints);
  const [head, tail]: [number[], number[]] = [[], []];
  const flow = (one: number, way: 'from' | 'to') =>
    edges
      .filter((e) => e.from !== e.to && e[way] === one && left.has(e.from) && left.has(e.to))
      .reduce((sum, e) => sum + e.count, 0);
  while (left.size > 0) {
    const rows = [...left].map((one) => ({ one, out: flow(one, 'from'), in: flow(one, 'to') }));
    const sink = rows.findLast((row) => row.out === 0 && row.in > 0);
    const best = rows.reduce((a, b) => (b.out - b.in > a.out - a.in ? b : a));
    const next = sink ?? best;
    if (sink) tail.unshift(sink.one);
    else head.push(next.one);
    left.delete(next.one);
  }
  return [...head, ...tail];
}
