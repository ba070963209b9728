/** What the designed journey and what was found have to do with each other, sorted for the page. Pure. */
import type { ConformanceResult, Deviation, Fitness } from './types';

export const KINDS = ['skipped', 'inserted', 'out_of_order', 'repeated', 'late'] as const;
export type DeviationKind = (typeof KINDS)[number];

const WEEK_MS = 7 * 86_400_000;
/** So many weeks before the last one are what it is compared with. */
const BEFORE = 4;

/** What the headline is about: the ways that are over, or, where none is, all of them; and those that are still under way. */
export function headline({ all, finished }: ConformanceResult): { held: Fitness; open: Fitness | null } {
  if (finished.ways === 0) return { held: all, open: null };
  const open = { ...all, ways: all.ways - finished.ways, fitting: all.fitting - finished.fitting };
  return { held: finished, open: open.ways > 0 ? open : null };
}

/** The share of ways that follow the design exactly. */
export const fitting = ({ fitting, ways }: Fitness): number => (ways === 0 ? 0 : fitting / ways);

/** As a deviation stands in the address, and as the server takes it: `skipped-3`; a late stage by its id. */
export function keyOf(deviation: Deviation, stages: { id: number }[]): string {
  const about = deviation.touchpoint ?? (deviation.stage === null ? null : stages[deviation.stage]?.id);
  return `${deviation.kind}-${about}`;
}

export type Drift = { last: number; before: number };

/** Whether ways that began in a week may still go on: such a week cannot be compared with those before it. */
export const isOpen = (start: number, { underway_since }: ConformanceResult): boolean =>
  underway_since !== null && start + WEEK_MS > underway_since;

/** The last week whose ways are over against the weeks before it; null where there is nothing to compare. */
export function drift(result: ConformanceResult): Drift | null {
  const over = result.weeks.filter((week) => !isOpen(week.start, result));
  const last = over.at(-1);
  const before = over.slice(0, -1).slice(-BEFORE);
  if (!last || before.length === 0) return null;
  const sum = (of: (fitness: Fitness) => number) => before.reduce((all, week) => all + of(week.fitness), 0);
  return { last: fitting(last.fitness), before: sum((one) => one.fitting) / sum((one) => one.ways) };
}

/** The share of the ways of each week that leave the design so. */
export function weekly(
  deviation: Deviation,
  { weeks }: ConformanceResult,
): { start: number; share: number }[] {
  const counts = new Map(deviation.weeks.map((week) => [week.start, week.ways]));
  return weeks.map(({ start, fitness }) => ({ start, share: (counts.get(start) ?? 0) / fitness.ways }));
}
