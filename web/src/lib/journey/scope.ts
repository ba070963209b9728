/**
 * What the pages about journeys look at, as it stands in the address: a period, perhaps a window in it, a stage, a
 * channel. Pure: today is passed in.
 */
export type Days = { from: string; to: string };
export type Scope = {
  /** So many days up to today; null for days of one's own and for everything. */
  days: number | null;
  /** The period; null for everything. */
  period: Days | null;
  /** The part of the period that the time slider has chosen. */
  window: Days | null;
  stage: number | null;
  channel: string | null;
  /** Only customers of this segment. */
  segment: number | null;
};

export const PERIODS = [7, 30, 90, 365];
const USUAL = 90;
const DAY_MS = 86_400_000;

const isDay = (text: string | null | undefined): text is string =>
  !!text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !isNaN(Date.parse(text));

/** The day so many days after another one. */
export const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days a period has. */
export const lengthOf = ({ from, to }: Days): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS) + 1;

export function readScope(search: URLSearchParams, today: string): Scope {
  const [from, to, days] = [search.get('from'), search.get('to'), search.get('days')];
  const stage = Number(search.get('stage')) || null;
  const channel = search.get('channel') || null;
  const segment = Number(search.get('segment')) || null;
  const base = { stage, channel, segment };
  if (isDay(from) && isDay(to) && from <= to) {
    const period = { from, to };
    return { ...base, days: null, period, window: windowIn(search, period) };
  }
  if (days === 'all') return { ...base, days: null, period: null, window: null };
  const count = PERIODS.find((one) => String(one) === days) ?? USUAL;
  const period = { from: plusDays(today, 1 - count), to: today };
  return { ...base, days: count, period, window: windowIn(search, period) };
}

function windowIn(search: URLSearchParams, period: Days): Days | null {
  const [from, to] = search.get('at')?.split('..') ?? [];
  if (!isDay(from) || !isDay(to) || from > to || to < period.from || from > period.to) return null;
  const window = { from: from < period.from ? period.from : from, to: to > period.to ? period.to : to };
  return window.from === period.from && window.to === period.to ? null : window;
}

/** The days that are looked at; null for all. */
export const daysOf = ({ period, window }: Scope): Days | null => window ?? period;

/** What every question about it says. */
export function aboutOf(scope: Scope) {
  const days = daysOf(scope);
  const { stage, channel, segment } = scope;
  return { from: days?.from ?? null, to: days?.to ?? null, stage, channel, segment };
}

/** At most `count` parts of nearly equal length, oldest first: what a trend is made of. */
export function slices(days: Days, count: number): Days[] {
  const length = lengthOf(days);
  const parts = Math.min(count, length);
  return Array.from({ length: parts }, (_, index) => ({
    from: plusDays(days.from, Math.floor((index * length) / parts)),
    to: plusDays(days.from, Math.floor(((index + 1) * length) / parts) - 1),
  }));
}

/** What is the same on all pages about journeys, for a link from one to another. */
export function shared(search: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const name of ['days', 'from', 'to', 'at', 'stage', 'channel', 'segment'])
    if (search.has(name)) kept.set(name, search.get(name)!);
  return kept.size > 0 ? `?${kept}` : '';
}
