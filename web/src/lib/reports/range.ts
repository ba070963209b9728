/** The days that a report covers. Pure: today is passed in. */
export type Range = { from: string; to: string };

const DAY_MS = 86_400_000;
const isDay = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !isNaN(Date.parse(text));

/** The last `days` days, today among them. */
export function lastDays(days: number, today: string): Range {
  const from = new Date(Date.parse(`${today}T00:00:00Z`) - (days - 1) * DAY_MS);
  return { from: from.toISOString().slice(0, 10), to: today };
}

/** The range that an address asks for; without one, the last 30 days. */
export function readRange(search: URLSearchParams, today: string): Range & { days: number | null } {
  const [from, to] = [search.get('from'), search.get('to')];
  if (isDay(from) && isDay(to) && from <= to) return { from, to, days: null };
  const days = [7, 30, 90].find((one) => String(one) === search.get('days')) ?? 30;
  return { ...lastDays(days, today), days };
}
