/** Words for what becomes of a session. */
import { m } from '../paraglide/messages';

const STATUS: Record<string, () => string> = {
  waiting: m.session_waiting,
  paused: m.session_paused,
  ended: m.session_ended,
};
const ENDS: Record<string, () => string> = {
  completed: m.session_completed,
  handed_off: m.session_handed_off,
  timed_out: m.session_timed_out,
  expired: m.session_expired,
  interrupted: m.session_interrupted,
  failed: m.session_failed,
  opted_out: m.session_opted_out,
};

/** Where a session stands: that it runs, or why it ended. */
export function sessionWords(session: { status: string; ended_because: string | null }): string {
  const end = session.ended_because;
  if (end) return ENDS[end]?.() ?? end;
  return STATUS[session.status]?.() ?? session.status;
}
