/** What became of a message, in words. */
import type { Message, MessageStatus } from '../api/types';
import { m } from '../paraglide/messages';
import { faultWords } from './faults';

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

export const errorWords = ({ error }: Pick<Message, 'error'>): string => faultWords(error ?? '');

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
