/** The catalogue in groups, and what a move in it means to the server. Pure. */
import { laneOf, type LaneKey } from './lanes';
import type { Stage, Touchpoint } from './types';

export type Group = { stage: Stage | null; rows: Touchpoint[] };

/**
 * What is not placed first, the commonest on top and the hidden below; then the stages in order, each in its own order; and
 * service, which needs no stage.
 */
export function groups(stages: Stage[], touchpoints: Touchpoint[]): (Group & { key: LaneKey })[] {
  const known = new Set(stages.map((stage) => stage.id));
  const of = (key: LaneKey) => touchpoints.filter((one) => laneOf(one, known) === key);
  const without = (key: 'unplaced' | 'service') => {
    const rows = of(key).sort(
      (a, b) => Number(a.is_hidden) - Number(b.is_hidden) || b.events - a.events || a.id - b.id,
    );
    return rows.length > 0 ? [{ key, stage: null, rows }] : [];
  };
  const placed = [...stages]
    .sort((a, b) => a.position - b.position)
    .map((stage) => ({
      key: stage.id,
      stage,
      rows: of(stage.id).sort((a, b) => a.position - b.position || a.id - b.id),
    }));
  return [...without('unplaced'), ...placed, ...without('service')];
}

/**
 * What to change so that a touchpoint comes into a group, before another one or behind all of it. The server counts
 * places after the moved one has been taken out.
 */
export function move(
  moved: Touchpoint,
  group: Group,
  before: Touchpoint | null,
): { stage: number | null; position?: number } {
  const stage = group.stage?.id ?? null;
  const next = before ?? null;
  // Among what is not placed the count decides the order, not the place.
  if (stage === null || next?.id === moved.id) return { stage };
  const others = group.rows.filter((row) => row.id !== moved.id);
  const target = next ? next.position : others.length > 0 ? others.at(-1)!.position + 1 : moved.position;
  return { stage, position: target > moved.position ? target - 1 : target };
}

/** The row that a touchpoint comes before when it goes one up or down in its group; undefined where that is the end. */
export function neighbour(moved: Touchpoint, group: Group, by: 1 | -1): Touchpoint | null | undefined {
  const at = group.rows.findIndex((row) => row.id === moved.id);
  if (by === -1) return at > 0 ? group.rows[at - 1] : undefined;
  return at >= 0 && at + 1 < group.rows.length ? (group.rows[at + 2] ?? null) : undefined;
}

/** Whether the words that somebody looks for are in a touchpoint's. */
export const fits = (query: string, ...texts: (string | null)[]): boolean => {
  const all = texts.join(' ').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
};
