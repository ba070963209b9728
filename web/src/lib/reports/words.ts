/** The reader's words for lengths of time and for the metrics' names. */
import type { Metric, MetricKey } from '../api/types';
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';
import { timeWords } from '../words';
import { headline, inUnit, type Wording } from './metrics';

export const wording = (): Wording => ({ locale: getLocale(), units: timeWords() });

const TITLES: Record<MetricKey, () => string> = {
  first_response: m.metric_first_response,
  next_response: m.metric_next_response,
  resolution_first: m.metric_resolution_first,
  resolution_full: m.metric_resolution_full,
  csat: m.metric_csat,
  containment: m.metric_containment,
  conversations_per_agent: m.metric_conversations_per_agent,
};
export const metricTitle = (metric: Metric): string => TITLES[metric.key]();

/** The large number. */
export const metricHeadline = (metric: Metric): string => inUnit(headline(metric), metric.unit, wording());

/** What stands beside the large number: the spread or the interval, and on how many it rests. */
export function metricAside(metric: Metric): string {
  const say = (value: number | null) => inUnit(value, metric.unit, wording());
  const parts: string[] = [];
  if (metric.unit === 'seconds') parts.push(m.metric_median());
  if (metric.unit === 'seconds' && metric.p90 !== null) parts.push(m.metric_p90({ value: say(metric.p90) }));
  if (metric.unit === 'seconds' && metric.mean !== null)
    parts.push(m.metric_mean({ value: say(metric.mean) }));
  if (metric.low !== null && metric.high !== null)
    parts.push(m.metric_interval({ low: say(metric.low), high: say(metric.high) }));
  return [...parts, m.metric_n({ count: metric.n })].join(' · ');
}
