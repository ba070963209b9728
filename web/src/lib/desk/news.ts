/** What a live event adds to a thread at once, before the server is asked again. Pure. */
import type { Change, ThreadItem } from '../api/types';
import { mergeThread, messageItem, noteItem } from './merge';

/** The event as a thing in the thread: its message, its note, or itself. */
function itemOf(change: Change): ThreadItem {
  if (change.message) return messageItem(change.message);
  if (change.kind === 'note_added') {
    const { note, body } = change.data;
    const { id, name } = change.actor;
    const author = id ? { id, name } : null;
    const conversation_id = change.conversation_id ?? 0;
    return noteItem({ id: note, conversation_id, author, body, at: change.at });
  }
  return { type: 'event', key: `e${change.id}`, at: change.at, event: change };
}

/** Works an event into a thread; a late word about a message never takes back a newer one. */
export const withNews = (items: ThreadItem[], change: Change): ThreadItem[] =>
  mergeThread(items, [itemOf(change)], false);
