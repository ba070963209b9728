/** Metrics in words. Pure. */
import type { Metric } from '../api/types';
import { count, duration, percent, type LengthWords } from '../numbers';

export type Wording = { locale: string; units: LengthWords };

/** A value in the metric's unit; a dash for none. */
export function inUnit(value: number | null, unit: Metric['unit'], wording: Wording): string {
  if (value === null) return '–';
  if (unit === 'seconds') return duration(value, wording.units);
  return unit === 'share' ? percent(value, wording.locale) : count(value, wording.locale);
}

/** The number to show large: the median of times, the value of a share, the mean of a count. */
export const headline = (metric: Metric): number | null => {
  if (metric.unit === 'seconds') return metric.median;
  return metric.unit === 'share' ? metric.value : (metric.value ?? metric.mean ?? metric.median);
};
