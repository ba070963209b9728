/**
 * What a live event tells about the messages of a thread, before the server has been asked again. Pure.
 */
import type { Change, Message, ThreadItem } from '../api/types';
import { mergeThread, messageItem } from './merge';

/** The message that an event announces, as far as the event says; null when it announces none. */
export function announced(change: Change, nameOf: (actor: Change['actor']) => string): Message | null {
  const { message: id, body, send_at } = change.data;
  const received = change.kind === 'message_received';
  if (!received && change.kind !== 'message_queued') return null;
  if (typeof id !== 'number' || typeof body !== 'string') return null;
  const kind = change.actor.kind === 'customer' || change.actor.kind === 'flow' ? change.actor.kind : null;
  return {
    id,
    conversation_id: change.conversation_id ?? 0,
    customer_id: change.customer_id ?? 0,
    direction: received ? 'in' : 'out',
    author: {
      kind: received ? 'customer' : (kind ?? (change.actor.kind === 'user' ? 'user' : 'system')),
      id: change.actor.id,
      name: nameOf(change.actor),
    },
    body,
    at: change.at,
    status: received ? 'received' : 'queued',
    segments: 0,
    send_at: typeof send_at === 'string' ? send_at : null,
    error_code: null,
    error: null,
    attachments: [],
  };
}

/** Works an event into a thread: a new message, or the new state of one that is there. */
export function withNews(
  items: ThreadItem[],
  change: Change,
  nameOf: (actor: Change['actor']) => string,
): ThreadItem[] {
  const id = change.data.message;
  const known = items.find((item) => item.type === 'message' && item.message.id === id);
  if (change.kind === 'message_status_changed' && known?.type === 'message') {
    const { status, error } = change.data as { status: Message['status']; error: string | null };
    return mergeThread(items, [messageItem({ ...known.message, status, error })], false);
  }
  const message = announced(change, nameOf);
  // One that is there already is known better than an event tells it.
  return message && !known ? mergeThread(items, [messageItem(message)]) : items;
}
