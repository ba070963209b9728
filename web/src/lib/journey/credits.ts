/** Attribution by several models side by side. Pure. */
import type { AttributionResult, Credit } from './types';

export const MODELS = ['first', 'last', 'linear', 'position', 'time_decay', 'markov', 'shapley'] as const;
export type Model = (typeof MODELS)[number];

export type CreditRow = Credit & {
  /** The lowest and the highest share that a model gives it. */
  low: number;
  high: number;
};

/** The touchpoints by what a model gives them; those that none gives anything are left out. */
export function credits(result: AttributionResult, model: Model): CreditRow[] {
  const all = result.conversions - result.direct;
  return result.touchpoints
    .map((one) => {
      const shares = MODELS.map((name) => one[name] / Math.max(all, 1));
      return { ...one, low: Math.min(...shares), high: Math.max(...shares) };
    })
    .filter((one) => one.high > 0)
    .sort((a, b) => b[model] - a[model] || a.touchpoint - b.touchpoint);
}
