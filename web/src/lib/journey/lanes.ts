/**
 * The columns of a map: a lane for each stage in order, one for service, which happens in any of them, and a last one for what
 * has no stage yet; a lane with many touchpoints has several columns, which follow the way that most people go. Pure.
 */
import type { MapEdge, Stage, Touchpoint } from './types';

/** A lane is a stage's, by its id; or that of service, or of what is not placed yet. */
export type LaneKey = number | 'service' | 'unplaced';
/** `stage` is null in the lanes that are not a stage's. */
export type Lane = { key: LaneKey; stage: Stage | null; columns: number[][] };

type Sorted = Pick<Touchpoint, 'stage' | 'signature' | 'is_contact'>;
/** Whether a touchpoint is a part of being served: it comes by itself, and from the desk. */
const isService = ({ signature, is_contact }: Sorted): boolean =>
  is_contact ||
  (signature !== null && !/^(track|page|screen):|^(identified|group_joined|other)$/.test(signature));

/** The lane that a touchpoint belongs to. */
export function laneOf(row: Sorted, known: { has: (stage: number) => boolean }): LaneKey {
  if (row.stage !== null && known.has(row.stage)) return row.stage;
  return isService(row) ? 'service' : 'unplaced';
}

/** More than this in one column is a tower; then the lane gets another column. */
const HIGHEST = 6;

/** Deals touchpoints to lanes. A stage without a touchpoint keeps its lane: it is part of the journey as designed. */
export function lanes(stages: Stage[], touchpoints: Touchpoint[], edges: MapEdge[]): Lane[] {
  const inOrder = [...stages].sort((a, b) => a.position - b.position || a.id - b.id);
  const known = new Set(stages.map((stage) => stage.id));
  const of = (key: LaneKey) =>
    touchpoints
      .filter((one) => laneOf(one, known) === key)
      .sort((a, b) => a.position - b.position || a.id - b.id)
      .map((one) => one.id);
  const rest = (['service', 'unplaced'] as const).filter((key) => of(key).length > 0);
  return [
    ...inOrder.map((stage) => ({ key: stage.id, stage, columns: columns(of(stage.id), edges) })),
    ...rest.map((key) => ({ key, stage: null, columns: columns(of(key), edges) })),
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
