/** The reader's words for lengths of time and for the metrics' names. */
import type { Metric, MetricKey, ReportRow } from '../api/types';
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

const MEANINGS: Record<MetricKey, () => string> = {
  first_response: m.metric_first_response_means,
  next_response: m.metric_next_response_means,
  resolution_first: m.metric_resolution_first_means,
  resolution_full: m.metric_resolution_full_means,
  csat: m.metric_csat_means,
  containment: m.metric_containment_means,
  conversations_per_agent: m.metric_conversations_per_agent_means,
};
/** What exactly is measured. */
export const metricMeaning = (metric: Metric): string => MEANINGS[metric.key]();

/** What a row behind the number tells, beside its value. */
export function rowWords(key: MetricKey, row: ReportRow): string {
  const agent = row.agent?.name;
  switch (key) {
    case 'first_response':
    case 'next_response':
      return agent ? m.row_answered_by({ agent }) : m.row_answered();
    case 'resolution_first':
      return m.row_closed();
    case 'resolution_full':
      return m.row_closed_for_good();
    case 'csat':
      return agent ? m.row_rated_by({ agent }) : m.row_rated();
    case 'containment':
      return row.value > 0 ? m.row_contained() : m.row_not_contained();
    case 'conversations_per_agent':
      return m.row_replies({ agent: agent ?? m.somebody(), count: row.value });
  }
}

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
