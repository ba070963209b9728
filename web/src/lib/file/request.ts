/** The states of a request in words and colour. */
import type { RequestStatus } from '../api/types';
import { m } from '../paraglide/messages';

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
  filed: m.request_filed,
  submitted: m.request_submitted,
  confirmed: m.request_confirmed,
  declined: m.request_declined,
  done: m.request_done,
  cancelled: m.request_cancelled,
  failed: m.request_failed,
};
export const requestWords = (status: RequestStatus): string => WORDS[status]();

const TONES: Record<RequestStatus, 'plain' | 'good' | 'warn' | 'bad'> = {
  filed: 'warn',
  submitted: 'warn',
  confirmed: 'good',
  declined: 'bad',
  done: 'good',
  cancelled: 'plain',
  failed: 'bad',
};
export const requestTone = (status: RequestStatus) => TONES[status];
export const isOpenRequest = (status: RequestStatus): boolean => status === 'filed' || status === 'submitted';
