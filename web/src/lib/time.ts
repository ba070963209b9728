/**
 * Times in words. Pure: the present is always passed in.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type TimeWords = { now: string; second: string; minute: string; hour: string; day: string };
const SHORT: TimeWords = { now: 'now', second: 's', minute: 'min', hour: 'h', day: 'd' };

/** "now", "41 s", "6 min", "3 h", "12 d": how long ago, in one unit. A time ahead of us counts as now. */
export function ago(at: string, now: number, words: TimeWords = SHORT): string {
  return span(now - Date.parse(at), words);
}

/** A length of time in one unit, rounded down. */
export function span(ms: number, words: TimeWords = SHORT): string {
  if (ms < 5 * SECOND) return words.now;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} ${words.second}`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} ${words.minute}`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} ${words.hour}`;
  return `${Math.floor(ms / DAY)} ${words.day}`;
}

/** "0:41", "6:02", "1:04:09": a running clock, for places too narrow for units. */
export function stopwatch(at: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / SECOND));
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h >= 24) return `${Math.floor(h / 24)} d`;
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** How pressing a wait is. The thresholds are told to the reader where the colour is shown. */
export const WAIT_WARN_MINUTES = 2;
export const WAIT_BAD_MINUTES = 5;
export function urgency(waitingSince: string, now: number): 'calm' | 'warn' | 'bad' {
  const waited = now - Date.parse(waitingSince);
  if (waited >= WAIT_BAD_MINUTES * MINUTE) return 'bad';
  return waited >= WAIT_WARN_MINUTES * MINUTE ? 'warn' : 'calm';
}

/** The calendar day in the reader's zone, or in `timeZone`, as a key to group by: "2026-11-22". */
export function dayKey(at: string | number, timeZone?: string): string {
  if (timeZone) return wallClock(new Date(at).getTime(), timeZone).slice(0, 10);
  const d = new Date(at);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}

/** Whole calendar days between two moments in the reader's zone. */
export function daysApart(at: string | number, now: number): number {
  const midnight = (t: string | number) => new Date(t).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / DAY);
}

/** "9:41" or "9:41 AM", as the reader's language has it. */
export function hourMinute(at: string | number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(at));
}

/** What the clock shows in a zone: "9:47"; null when the zone is not known. */
export function clockIn(timeZone: string, now: number, locale: string): string | null {
  if (!timeZone) return null;
  try {
    return new Intl.DateTimeFormat(locale, { timeZone, hour: 'numeric', minute: '2-digit' }).format(now);
  } catch {
    return null;
  }
}

/** "22 Nov" this year, "22 Nov 2025" in another; in the reader's zone, or in `timeZone`. */
export function shortDay(at: string | number, now: number, locale: string, timeZone?: string): string {
  const yearOf = (moment: string | number) => dayKey(moment, timeZone).slice(0, 4);
  const year = yearOf(at) === yearOf(now) ? undefined : 'numeric';
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year, timeZone }).format(
    new Date(at),
  );
}

/** The full moment, for tooltips and for those who listen. */
export function fullMoment(at: string | number, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(
    new Date(at),
  );
}

/**
 * The moment at which a wall clock in `timeZone` shows `local` ("2026-11-22T09:00"). In the hour that a clock
 * change leaves out, the moment an hour later; in the hour it repeats, the first of the two.
 */
export function atWallClock(local: string, timeZone: string): Date {
  const wanted = Date.parse(`${local}Z`);
  const shown = (moment: number) => {
    const parts = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    }).formatToParts(moment);
    const get = (type: string) => parts.find((part) => part.type === type)?.value ?? '00';
    return Date.parse(`${get('year')}-${get('month')}-${get('day')}T${get('hour')}:${get('minute')}Z`);
  };
  const offset = (moment: number) => shown(moment) - moment;
  const before = wanted - offset(wanted - DAY);
  if (shown(before) === wanted) return new Date(before);
  const after = wanted - offset(wanted + DAY);
  return new Date(shown(after) === wanted ? after : before);
}

/** What the wall clock in `timeZone` shows at a moment, as the value of a date-time field. */
export function wallClock(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
    .format(at)
    .replace(' ', 'T');
}
