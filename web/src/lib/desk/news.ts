/** What a live event adds to a thread at once, before the server is asked again. Pure. */
import type { Change, ThreadItem } from '../api/types';
import { mergeThread, messageItem, noteItem } from './merge';

/** The event as a thing in the thread: its message, its note, or itself. */
function itemOf(change: Change): ThreadItem {
  const { message, note, body } = change.data;
  if (message) return messageItem(message);
  if (change.kind === 'note_added' && typeof note === 'number') {
    const author = change.actor.id === null ? null : { id: change.actor.id, name: change.actor.name };
    const conversation_id = change.conversation_id ?? 0;
    return noteItem({ id: note, conversation_id, author, body: String(body), at: change.at });
  }
  return { type: 'event', key: `e${change.id}`, at: change.at, event: change };
}

/** Works an event into a thread; a late word about a message never takes back a newer one. */
export const withNews = (items: ThreadItem[], change: Change): ThreadItem[] =>
  mergeThread(items, [itemOf(change)], false);
