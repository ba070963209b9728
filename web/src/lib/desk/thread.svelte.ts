/** One conversation while it is open: itself and what was said in it. */
import { api } from '../api/client';
import type { Change, Conversation, List, Message, Note, ThreadItem } from '../api/types';
import { joins, keyOf, lastMessageId, lastNoteId, mergeThread, messageItem, noteItem } from './merge';
import { withNews } from './news';
import { outbox } from './outbox.svelte';

const PAGE = 50;

/** How far somebody has read. */
type Seen = { message: number; note: number };

export class Thread {
  conversation = $state.raw<Conversation | null>(null);
  items = $state.raw<ThreadItem[]>([]);
  older = $state<string | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  loadingOlder = $state(false);
  /** The first thing that came since somebody last looked; the marker stands above it. */
  newFrom = $state<string | null>(null);
  /** The newest message and note that somebody had the time to read; a reply is checked against them. */
  seen: Seen = { message: 0, note: 0 };
  #refetch: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `known`: the conversation as a list has it, so that nobody waits for it before they write. */
  constructor(
    readonly id: number,
    known: Conversation | null = null,
  ) {
    this.conversation = known;
  }

  load = async (): Promise<void> => {
    this.state = 'loading';
    try {
      const [conversation, page] = await Promise.all([
        api.get(`/conversations/${this.id}`),
        this.#page(null),
      ]);
      this.conversation = conversation;
      // Something may have come live while the page was on its way.
      this.items = mergeThread(this.items, page.items);
      this.older = page.next;
      this.sawUpTo(this.newest);
      if (conversation.unread) this.newFrom = firstOfLastRun(this.items);
      this.state = 'ready';
    } catch (error) {
      this.error = error;
      this.state = 'failed';
    }
  };

  /** Loads back in time; true when something came. */
  loadOlder = async (): Promise<boolean> => {
    if (this.loadingOlder || !this.older) return false;
    this.loadingOlder = true;
    try {
      const page = await this.#page(this.older);
      this.items = mergeThread(page.items, this.items);
      this.older = page.next;
      return true;
    } catch {
      return false;
    } finally {
      this.loadingOlder = false;
    }
  };

  /** Looks at the conversation and its end again. */
  refresh = async (): Promise<void> => {
    try {
      const [conversation, page] = await Promise.all([
        api.get(`/conversations/${this.id}`),
        this.#page(null),
      ]);
      if (this.#closed) return;
      this.conversation = conversation;
      if (joins(this.items, page.items)) this.items = mergeThread(this.items, page.items);
      else [this.items, this.older] = [mergeThread([], page.items), page.next];
    } catch {
      // The next change or the end of the gap looks again.
    }
  };

  /** Works in what happened, at once as far as the event tells, and by looking again a moment later. */
  apply(change: Change): void {
    if (change.conversation_id !== this.id) return;
    // Our own reply is shown already while it is on its way; the server's answer takes its place.
    const { message } = change;
    if (!message || outbox.of(this.id).every((out) => out.body !== message.body)) {
      this.items = withNews(this.items, change);
    }
    clearTimeout(this.#refetch);
    this.#refetch = setTimeout(() => void this.refresh(), 150);
  }

  put(message: Message, trusted = true): void {
    if (message.conversation_id !== this.id) return;
    this.items = mergeThread(this.items, [messageItem(message)], trusted);
  }

  putNote(note: Note): void {
    this.items = mergeThread(this.items, [noteItem(note)]);
    this.sawUpTo({ note: note.id });
  }

  /** Sets the marker above the newest item, unless one stands already. */
  markNew(): void {
    const last = this.items.at(-1);
    if (last) this.newFrom ??= keyOf(last);
  }

  get newest(): Seen {
    return { message: lastMessageId(this.items), note: lastNoteId(this.items) };
  }

  /** Notes that this was read. What was read is never unread again. */
  sawUpTo({ message, note }: Partial<Seen>): void {
    this.seen = {
      message: Math.max(this.seen.message, message ?? 0),
      note: Math.max(this.seen.note, note ?? 0),
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#refetch);
  }

  #page(before: string | null): Promise<List<ThreadItem>> {
    return api.get(`/conversations/${this.id}/thread`, { before, limit: PAGE });
  }
}

/** The first of the customer's messages after our last one: where reading an unread conversation begins. */
function firstOfLastRun(items: ThreadItem[]): string | null {
  let first: string | null = null;
  for (const item of items.toReversed()) {
    if (item.type !== 'message') continue;
    if (item.message.direction === 'out') break;
    first = keyOf(item);
  }
  return first;
}
