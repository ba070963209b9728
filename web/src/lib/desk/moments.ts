/** The moments that "later" usually means. Pure: the present and the zone are passed in. */
import { atWallClock, wallClock } from '../time';

export type Moment = { id: 'hour' | 'three_hours' | 'this_evening' | 'tomorrow' | 'monday'; at: Date };

/** The moments still ahead, nearest first, on the clock of `timeZone`. */
export function moments(now: number, timeZone: string): Moment[] {
  const today = wallClock(now, timeZone).slice(0, 10);
  const plus = (days: number) => {
    const day = new Date(`${today}T12:00:00Z`);
    day.setUTCDate(day.getUTCDate() + days);
    return day.toISOString().slice(0, 10);
  };
  const weekday = new Date(`${today}T12:00:00Z`).getUTCDay();
  const all: Moment[] = [
    { id: 'hour', at: new Date(now + 3_600_000) },
    { id: 'three_hours', at: new Date(now + 3 * 3_600_000) },
    { id: 'this_evening', at: atWallClock(`${today}T18:00`, timeZone) },
    { id: 'tomorrow', at: atWallClock(`${plus(1)}T09:00`, timeZone) },
    { id: 'monday', at: atWallClock(`${plus((8 - weekday) % 7 || 7)}T09:00`, timeZone) },
  ];
  const ahead = all.filter((moment) => moment.at.getTime() > now + 60_000);
  // On a Sunday tomorrow is Monday: once is enough.
  return ahead.filter((a, i) => ahead.findIndex((b) => b.at.getTime() === a.at.getTime()) === i);
}
