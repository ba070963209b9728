/** What the map hands to its steps and ways. */
import type { FlowNode, StepCounts } from '../api/types';

export type StepData = {
  step: FlowNode;
  start: boolean;
  /** How many came by; null where the map shows no numbers. */
  counts: StepCounts[string] | null;
  /** Something is wrong with it. */
  problem: boolean;
  /** The session that is being tried stands here. */
  here: boolean;
};
export type WayData = { label: string; path: string; at: { x: number; y: number } | null };
