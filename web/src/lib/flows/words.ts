/** Words for what becomes of a session. */
import { m } from '../paraglide/messages';

const STATUS: Record<string, () => string> = {
  waiting: m.session_waiting,
  paused: m.session_paused,
  ended: m.session_ended,
  completed: m.session_completed,
  expired: m.session_expired,
  failed: m.session_failed,
  stopped: m.session_stopped,
  interrupted: m.session_interrupted,
  handed_off: m.session_handed_off,
};

export const sessionStatus = (status: string): string => STATUS[status]?.() ?? status;
