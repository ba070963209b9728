/** The parts of a period's customers, in the order that they are stacked; who has gone quiet stands below the line. */
import { m } from '../paraglide/messages';
import type { LifecyclePeriod } from './types';

export type Part = {
  key: Exclude<keyof LifecyclePeriod, 'from' | 'to'>;
  words: () => string;
  fill: string;
  isBelow?: boolean;
};

export const PARTS: Part[] = [
  { key: 'returning', words: m.activity_returning, fill: 'var(--accent)' },
  {
    key: 'resurrected',
    words: m.activity_resurrected,
    fill: 'color-mix(in oklab, var(--accent) 55%, var(--surface))',
  },
  { key: 'new', words: m.activity_new, fill: 'var(--good)' },
  { key: 'dormant', words: m.activity_dormant, fill: 'var(--line-strong)', isBelow: true },
];

/** A part of a period; `count` is null where it cannot be said yet. */
export type Bar = { part: Part; y: number; height: number; count: number | null };

/** Stacks a period on the line at `zero`, `scale` pixels for each customer. */
export function stack(period: LifecyclePeriod, zero: number, scale: number): Bar[] {
  let top = zero;
  return PARTS.map((part) => {
    const count = period[part.key];
    const height = (count ?? 0) * scale;
    if (part.isBelow) return { part, y: zero, height, count };
    top -= height;
    return { part, y: top, height, count };
  });
}
