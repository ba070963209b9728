/** The steps of a funnel as they stand in the address, and what its numbers add up to. Pure. */
import type { FunnelResult } from './types';

/** A step is done at any of its touchpoints. */
export type Step = { touchpoints: number[]; isOptional: boolean };

/** `3,5|6,9?`: 3, then 5 or 6, then perhaps 9. What cannot be read is left out. */
export function readSteps(text: string): Step[] {
  return text
    .split(',')
    .filter((part) => /^\d+(\|\d+)*\??$/.test(part))
    .map((part) => ({
      touchpoints: [...new Set(part.replace('?', '').split('|').map(Number))],
      isOptional: part.endsWith('?'),
    }));
}
export const writeSteps = (steps: Step[]): string =>
  steps
    .filter((step) => step.touchpoints.length > 0)
    .map((step) => step.touchpoints.join('|') + (step.isOptional ? '?' : ''))
    .join(',');

export type StepFigures = {
  customers: number;
  ofFirst: number;
  /** Of those who passed the last step before it that nobody may leave out. */
  ofPrevious: number;
  lost: number;
};

/** What passed and was lost at each step. An optional step loses nobody: whoever leaves it out goes on. */
export function figures(result: FunnelResult, steps: Step[]): StepFigures[] {
  const first = result.steps[0]?.customers ?? 0;
  let before = first;
  return result.steps.map(({ customers }, index) => {
    const from = index === 0 ? customers : before;
    const isOptional = steps[index]?.isOptional ?? false;
    if (!isOptional) before = customers;
    return {
      customers,
      ofFirst: first === 0 ? 0 : customers / first,
      ofPrevious: from === 0 ? 0 : customers / from,
      lost: isOptional ? 0 : Math.max(from - customers, 0),
    };
  });
}
