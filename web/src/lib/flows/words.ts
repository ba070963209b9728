/** Words for what becomes of a session. */
import type { FlowSession } from '../api/types';
import { m } from '../paraglide/messages';

const STATUS: Record<FlowSession['status'], () => string> = {
  waiting: m.session_waiting,
  paused: m.session_paused,
  ended: m.session_ended,
};
const ENDS: Record<NonNullable<FlowSession['ended_because']>, () => string> = {
  completed: m.session_completed,
  handed_off: m.session_handed_off,
  timed_out: m.session_timed_out,
  expired: m.session_expired,
  interrupted: m.session_interrupted,
  failed: m.session_failed,
  opted_out: m.session_opted_out,
};

/** Where a session stands: that it runs, or why it ended. */
export const sessionWords = ({
  status,
  ended_because,
}: Pick<FlowSession, 'status' | 'ended_because'>): string =>
  ended_because ? ENDS[ended_because]() : STATUS[status]();
