/** The steps of a funnel as they stand in the address, and what its numbers add up to. Pure. */

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

/** What must not come on the way: between two steps, counted from 1, or between the first and the last. */
export type Exclusion = { touchpoints: number[]; between: { from: number; to: number } | null };

/** `7|8:1-2,9`: neither 7 nor 8 between the steps 1 and 2, and 9 nowhere. What is not between steps that are there is left out. */
export function readExclusions(text: string, steps: number): Exclusion[] {
  return text.split(',').flatMap((part): Exclusion[] => {
    const [, ids, from, to] = /^(\d+(?:\|\d+)*)(?::(\d+)-(\d+))?$/.exec(part) ?? [];
    if (!ids) return [];
    const touchpoints = [...new Set(ids.split('|').map(Number))];
    if (from === undefined) return [{ touchpoints, between: null }];
    const between = { from: Number(from), to: Number(to) };
    return between.from >= 1 && between.from < between.to && between.to <= steps
      ? [{ touchpoints, between }]
      : [];
  });
}
/** Steps that come in any order have nothing between two of them: then what is excluded is so everywhere. */
export const writeExclusions = (exclusions: Exclusion[], isFree = false): string =>
  exclusions
    .filter((one) => one.touchpoints.length > 0)
    .map(({ touchpoints, between }) =>
      between && !isFree ? `${touchpoints.join('|')}:${between.from}-${between.to}` : touchpoints.join('|'),
    )
    .join(',');

/** What customers are told apart by. */
export type Split =
  | { by: 'nothing' }
  | { by: 'first' | 'channel' }
  | { by: 'step'; step: number }
  | { by: 'segments'; segments: number[] };
/** The most segments that are told apart. */
export const MOST_SEGMENTS = 8;

/** `first`, `channel`, the number of a step, or `segments:4,7`; only segments that are there. */
export function readSplit(text: string, steps: number, segments: number[]): Split {
  if (text === 'first' || text === 'channel') return { by: text };
  const step = Number(text);
  if (Number.isInteger(step) && step >= 1 && step <= steps) return { by: 'step', step };
  const chosen = /^segments:([\d,]+)$/.exec(text)?.[1]?.split(',').map(Number) ?? [];
  const known = [...new Set(chosen)].filter((id) => segments.includes(id)).slice(0, MOST_SEGMENTS);
  return known.length > 0 ? { by: 'segments', segments: known } : { by: 'nothing' };
}
export function writeSplit(split: Split): string | null {
  if (split.by === 'nothing') return null;
  if (split.by === 'step') return String(split.step);
  return split.by === 'segments' ? `segments:${split.segments.join()}` : split.by;
}

export type StepFigures = {
  customers: number;
  ofFirst: number;
  /** Of those who passed the last step before it that nobody may leave out. */
  ofPrevious: number;
  lost: number;
};

/** What passed and was lost at each step. An optional step loses nobody: whoever leaves it out goes on. */
export function figures(passed: number[], steps: Step[]): StepFigures[] {
  const first = passed[0] ?? 0;
  let before = first;
  return passed.map((customers, index) => {
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
