/** What the pages show as tables, as rows to take away. Numbers are plain ones, times in milliseconds, money in whole units. */
import { m } from '../paraglide/messages';
import { catalogue } from './catalogue.svelte';
import { aboutWords, KIND_WORDS } from './deviation';
import type { Painter } from './paint';
import type { ConformanceResult, FrictionResult, MapResult } from './types';
import { contactWords } from './verdict';
import { minorDigits } from './words';

type Rows = (string | number | null)[][];

/** What columns of times are called. */
export const lengths = (): string[] => [`${m.figure_median()} (ms)`, `${m.figure_p90()} (ms)`];

/** The ledger of friction. `currency` is null where nobody has said what a call costs. */
export function ledgerRows({ touchpoints }: FrictionResult, currency: string | null): Rows {
  const unit = currency === null ? 1 : 10 ** minorDigits(currency);
  const head = [
    ...[m.journey_touchpoint(), m.journey_where(), m.friction_verdict()],
    ...[m.friction_excess(), m.friction_low(), m.friction_high()],
    ...(currency ? [`${m.friction_cost()} (${currency})`] : []),
    ...[m.friction_exposures(), m.friction_exposed(), m.friction_expected()],
  ];
  const rows = touchpoints.map((one) => [
    ...[catalogue.name(one.touchpoint), catalogue.where(one.touchpoint), contactWords(one.contact_verdict)],
    ...[one.excess?.value ?? null, one.excess?.low ?? null, one.excess?.high ?? null],
    ...(currency ? [one.cost ? one.cost.value / unit : null] : []),
    ...[one.exposures, one.contact?.exposed ?? null, one.contact?.expected ?? null],
  ]);
  return [head, ...rows];
}

/** What customers do other than designed. */
export function deviationRows({ deviations }: ConformanceResult): Rows {
  const head = [m.journey_touchpoint(), m.conform_kind(), m.figure_customers(), m.figure_times()];
  return [
    head,
    ...deviations.map((one) => [aboutWords(one), KIND_WORDS[one.kind](), one.customers, one.times]),
  ];
}

/** The map: each touchpoint, and below them each way from one to another. */
export function mapRows(map: MapResult, painter: Painter): Rows {
  const head = [
    ...[m.journey_touchpoint(), m.journey_where(), m.figure_visits(), m.figure_customers()],
    ...[m.figure_starts(), m.figure_ends(), m.figure_pain()],
  ];
  const places = [...map.touchpoints].sort((a, b) => b.events - a.events);
  const ways = [...map.edges].sort((a, b) => b.count - a.count);
  return [
    head,
    ...places.map((one) => [
      ...[catalogue.name(one.touchpoint), catalogue.where(one.touchpoint), one.events, one.customers],
      ...[one.starts, one.ends, painter.painOf(one.touchpoint)],
    ]),
    [],
    [...[m.paths_here(), m.paths_next(), m.figure_times(), m.figure_customers()], ...lengths()],
    ...ways.map(({ from, to, count, customers, durations }) => [
      ...[catalogue.name(from), catalogue.name(to), count, customers],
      ...[durations?.median_ms ?? null, durations?.p90_ms ?? null],
    ]),
  ];
}
