/** Business hours: the week as rows, and what may be wrong with them. Pure. */
type Period = [from: string, to: string];
export type Week = Record<string, Period[]>;

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** A day's name in a language: 5 January 1970 was a Monday. */
export function dayName(day: Day, locale: string): string {
  const date = new Date(Date.UTC(1970, 0, 5 + DAYS.indexOf(day)));
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

/** The end of a day is 24:00 to the server, and midnight to a field for a time. */
export const shownEnd = (to: string): string => (to === '24:00' ? '00:00' : to);
export const readEnd = (shown: string): string => (shown === '00:00' ? '24:00' : shown);

/** What is wrong with a day's periods: each ends after it begins, and none begins before the last has ended. */
export function faultOf(periods: Period[]): 'order' | 'overlap' | null {
  if (periods.some(([from, to]) => !from || !to || from >= to)) return 'order';
  const sorted = [...periods].sort(([a], [b]) => a.localeCompare(b));
  return sorted.some(([from], index) => index > 0 && from < sorted[index - 1]![1]) ? 'overlap' : null;
}

/** The period to offer next: nine to five, or the hour after the last one. */
export function nextPeriod(periods: Period[]): Period {
  const last = periods.at(-1)?.[1];
  if (!last) return ['09:00', '17:00'];
  const hour = Math.min(Number(last.slice(0, 2)) + 1, 22);
  const pad = (n: number) => `${String(n).padStart(2, '0')}:00`;
  return [pad(hour), pad(hour + 1)];
}

/** Whether a text is a day of the calendar: "2026-12-25". */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Days from what somebody typed, one a line or with commas: sorted, each once. Null when one is no day. */
export function readDays(text: string): string[] | null {
  const days = text.split(/[\s,;]+/).filter(Boolean);
  return days.every(isDay) ? [...new Set(days)].sort() : null;
}
