/** Words and rules around requests. */
import type { RequestStatus } from './api/types';
import { m } from './paraglide/messages';

export const REQUEST_STATUSES: RequestStatus[] = [
  'filed',
  'submitted',
  'confirmed',
  'declined',
  'done',
  'cancelled',
  'failed',
];

const WORDS: Record<RequestStatus, () => string> = {
  filed: m.wish_filed,
  submitted: m.wish_submitted,
  confirmed: m.wish_confirmed,
  declined: m.wish_declined,
  done: m.wish_done,
  cancelled: m.wish_cancelled,
  failed: m.wish_failed,
};
const TONES: Record<RequestStatus, 'plain' | 'good' | 'warn' | 'bad'> = {
  filed: 'warn',
  submitted: 'warn',
  confirmed: 'good',
  declined: 'bad',
  done: 'good',
  cancelled: 'plain',
  failed: 'bad',
};

export const requestStatus = (status: RequestStatus): string => WORDS[status]();
export const requestTone = (status: RequestStatus) => TONES[status];
