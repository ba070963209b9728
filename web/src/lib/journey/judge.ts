/** What friction found, sorted for the page, and scales to draw it on. Pure. */
import type { Estimate, FrictionResult, ServiceResult, TouchpointFriction } from './types';

export type Tone = 'bad' | 'warn' | 'good' | 'plain';

/** How grave a verdict is; the words say the same. */
export function toneOf(row: TouchpointFriction): Tone {
  switch (row.contact_verdict.verdict) {
    case 'guilty':
      return 'bad';
    case 'explained_by':
    case 'not_separable_from':
      return 'warn';
    case 'clear':
      return 'good';
    case 'also_before':
    case 'not_estimable':
      return 'plain';
  }
}

/** The parts of the ledger: what is or may be guilty, what is clear, what loses people silently, and what cannot be said. */
export function ledger({ touchpoints }: FrictionResult) {
  const isGuilty = (row: TouchpointFriction) => row.contact_verdict.verdict === 'guilty';
  return {
    suspects: touchpoints.filter((row) => !['not_estimable', 'clear'].includes(row.contact_verdict.verdict)),
    clear: touchpoints.filter((row) => row.contact_verdict.verdict === 'clear'),
    refused: touchpoints.filter((row) => row.contact_verdict.verdict === 'not_estimable'),
    silent: touchpoints.filter((row) => row.is_silent),
    guilty: touchpoints.filter(isGuilty),
  };
}

/** A scale from the lowest to the highest end of all intervals, with nothing on it. */
export type Scale = { low: number; high: number };

export function scaleOf(estimates: (Estimate | null)[]): Scale {
  const ends = estimates.filter((one) => one !== null).flatMap(({ low, high }) => [low, high]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return low === high ? { low: 0, high: 1 } : { low, high };
}

/** Where a value stands on the scale, in percent. */
export const place = (value: number, { low, high }: Scale): number =>
  Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100));

/** A stage's share of calls week by week, oldest first; null where nothing happened. */
export function weekly(
  service: ServiceResult,
  stage: number | null,
): { start: number; share: number | null }[] {
  const starts = [...new Set(service.weeks.map((week) => week.start))].sort((a, b) => a - b);
  return starts.map((start) => {
    const count = service.weeks.find((week) => week.start === start && week.stage === stage)?.count;
    const all = count ? count.touches + count.calls : 0;
    return { start, share: all > 0 ? count!.calls / all : null };
  });
}

/** Points of a line in a box of this size; a gap where there is no value. */
export function sparkline(
  values: (number | null)[],
  most: number,
  { width, height }: { width: number; height: number },
): string {
  let path = '';
  let isGap = true;
  values.forEach((value, index) => {
    if (value === null) {
      isGap = true;
      return;
    }
    const x = values.length > 1 ? (index / (values.length - 1)) * width : width / 2;
    const y = height - (value / Math.max(most, 1e-9)) * height;
    path += `${isGap ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    isGap = false;
  });
  return path;
}
