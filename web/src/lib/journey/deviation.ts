/** A deviation from the designed journey in the reader's words. */
import { m } from '../paraglide/messages';
import { catalogue } from './catalogue.svelte';
import type { DeviationKind } from './conformance';
import type { Deviation } from './types';

export const KIND_WORDS: Record<DeviationKind, () => string> = {
  skipped: m.conform_skipped,
  inserted: m.conform_inserted,
  out_of_order: m.conform_out_of_order,
  repeated: m.conform_repeated,
  late: m.conform_late,
};
export const KIND_MEANS: Record<DeviationKind, () => string> = {
  skipped: m.conform_skipped_means,
  inserted: m.conform_inserted_means,
  out_of_order: m.conform_out_of_order_means,
  repeated: m.conform_repeated_means,
  late: m.conform_late_means,
};

/** What it is about: a touchpoint, or the stage after which the next one came late. */
export function aboutWords({ touchpoint, stage }: Deviation): string {
  if (touchpoint !== null) return catalogue.name(touchpoint);
  return m.conform_after_stage({ stage: stageName(stage) });
}
const stageName = (stage: number | null): string =>
  (stage === null ? null : catalogue.stages[stage]?.name) ?? m.conform_no_stage();
