/** What became of a message, in words. */
import type { Message, MessageStatus } from '../api/types';
import { m } from '../paraglide/messages';

const WORDS: Record<MessageStatus, () => string> = {
  received: m.delivery_received,
  scheduled: m.delivery_scheduled,
  queued: m.delivery_queued,
  sending: m.delivery_sending,
  sent: m.delivery_sent,
  delivered: m.delivery_delivered,
  read: m.delivery_read,
  undelivered: m.delivery_undelivered,
  failed: m.delivery_failed,
  unconfirmed: m.delivery_unconfirmed,
  cancelled: m.delivery_cancelled,
  refused: m.delivery_refused,
};
export const deliveryWords = (status: MessageStatus): string => WORDS[status]();

/** What the common codes of providers mean; what another one means is said in the server's words. */
const ERRORS: Record<string, () => string> = {
  '21211': m.error_no_number,
  '21408': m.error_country,
  '21610': m.error_opted_out,
  '21614': m.error_landline,
  '30003': m.error_out_of_reach,
  '30004': m.error_blocked,
  '30005': m.error_gone,
  '30006': m.error_landline,
  '30007': m.error_spam,
  '30008': m.error_unknown,
  '30034': m.error_unregistered,
  '20003': m.error_account,
};
export const errorWords = ({ error_code, error }: Pick<Message, 'error_code' | 'error'>): string =>
  ERRORS[error_code ?? '']?.() ?? error ?? '';

/** Whether our words for it say all: what the server notes beside it is for the log. */
export const ownWords = (status: MessageStatus): boolean => status === 'refused' || status === 'unconfirmed';

/** Whether something went wrong that a person should look at. */
export const isTrouble = (message: Message): boolean =>
  ['undelivered', 'failed', 'unconfirmed', 'refused'].includes(message.status);

/** Whether "Send again" makes sense; a refused text would only be refused again. */
export const mayRetry = (message: Message): boolean =>
  ['undelivered', 'failed', 'unconfirmed'].includes(message.status);

/** Whether it can still be called back. */
export const mayCancel = (message: Message): boolean =>
  message.direction === 'out' && (message.status === 'scheduled' || message.status === 'queued');
