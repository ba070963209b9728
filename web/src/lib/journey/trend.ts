/** How the map went through the parts of a period: one small map for each. */
import { ask, type About } from './ask';
import { slices, type Days } from './scope';
import type { MapResult } from './types';

export type Part = { days: Days; map: MapResult };

const PARTS = 12;

/** The maps of a period's parts, oldest first; without a period there are no parts. */
export async function trendOf(about: About, days: Days | null): Promise<Part[] | null> {
  if (!days) return null;
  return Promise.all(
    slices(days, PARTS).map(async (part) => ({
      days: part,
      map: await ask.map({ ...about, ...part }, false),
    })),
  );
}
