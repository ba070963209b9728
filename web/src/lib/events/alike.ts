/**
 * Lines that say much the same, shortly one after the other, as one line that can be opened: seven pages of one visit need one
 * line. What a person must see is never in the middle of such a line. Pure.
 */
import { ALONE, type Line } from './bursts';
import type { TimelineEvent } from './telling';

const PAUSE = 30 * 60_000;
const LEAST = 3;

/** What lines must share to be told as one; null for a line that stands alone. */
function sameness({ head }: Line): string | null {
  if (ALONE.has(head.kind) || head.kind === 'message_status_changed') return null;
  const by = `${head.kind} ${head.actor.kind} ${head.actor.id} ${head.conversation_id}`;
  return `${by} ${about(head)}`;
}
/** An action is alike to the same action only: "paid" must not hide behind "put into the cart". */
function about(event: TimelineEvent): string {
  if (event.kind === 'action_tracked') return `${event.data.source} ${event.data.name}`;
  return 'source' in event.data ? String(event.data.source) : '';
}

/** Gathers lines, oldest first; the newest of a burst tells it. */
export function alike(lines: Line[]): Line[] {
  const runs: Line[][] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isNear = last && Date.parse(line.at) - Date.parse(last.at) <= PAUSE;
    if (run && last && isNear && sameness(line) !== null && sameness(line) === sameness(last)) run.push(line);
    else runs.push([line]);
  }
  return runs.flatMap((run) => {
    if (run.length < LEAST) return run;
    const last = run.at(-1)!;
    return [{ ...last, events: run.flatMap((line) => line.events), alike: run.length }];
  });
}
