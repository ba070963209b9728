/** What the whole inbox shares: the list, the counts, the tray, who looks at what, and the news that keep them true. */
import { api } from '../api/client';
import type { Change, Conversation, Counts, Viewer } from '../api/types';
import { live, type Presence } from '../live.svelte';
import { m } from '../paraglide/messages';
import { explain } from '../refusal';
import { session } from '../session.svelte';
import { toasts } from '../toasts.svelte';
import type { Composer } from './composer.svelte';
import { List } from './list.svelte';
import { outbox } from './outbox.svelte';
import type { Thread } from './thread.svelte';

const GATHER_MS = 150;
const COUNT_MS = 1_000;

class Desk {
  list = new List();
  counts = $state.raw<Counts | null>(null);
  tray = $state.raw<Conversation[]>([]);
  presence = $state.raw<Presence | null>(null);
  /** The conversation that is open, if one is. */
  thread = $state.raw<Thread | null>(null);
  /** The one that is about to be: the list shows it as chosen before the rest is drawn. */
  going = $state<number | null>(null);
  /** Where its reply is written. */
  composer: Composer | null = null;
  /** Read out to those who listen. */
  announcement = $state('');

  #changed = new Set<number>();
  #gather: ReturnType<typeof setTimeout> | undefined;
  #count: ReturnType<typeof setTimeout> | undefined;

  /** Keeps everything true until the returned function is called. */
  start(): () => void {
    void this.reloadAround();
    const stops = [
      live.on('change', (change) => this.#onchange(change)),
      live.on('presence', (presence) => (this.presence = presence)),
      live.on('resumed', () => {
        void outbox.flush();
        void this.list.reload();
        void this.reloadAround();
        void this.thread?.refresh();
      }),
    ];
    outbox.onlate = (out, result) => {
      if (result.kind === 'sent') this.thread?.put(result.message);
      if (result.kind === 'refused') toasts.bad(`${m.reply_not_sent()} ${explain(result.problem)}`);
    };
    outbox.open();
    void outbox.flush();
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#gather);
      clearTimeout(this.#count);
      this.#count = undefined;
    };
  }

  /** What is known of a conversation before it is asked for again. */
  known(id: number): Conversation | null {
    return [...this.tray, ...this.list.rows].find((one) => one.id === id) ?? null;
  }

  viewers(conversation: Conversation): Viewer[] {
    const viewers = this.presence
      ? (this.presence.conversations[conversation.id] ?? [])
      : conversation.viewers;
    return viewers.filter((viewer) => viewer.user_id !== session.user?.id);
  }

  /** Counts and tray. They may fail in silence: the list says what is wrong. */
  reloadAround = async (): Promise<void> => {
    const [counts, tray] = await Promise.allSettled([api.get('/conversations/counts'), api.get('/tray')]);
    if (counts.status === 'fulfilled') this.counts = counts.value;
    if (tray.status === 'fulfilled') this.tray = tray.value.items;
  };

  /** Takes over a conversation that the server has just answered with. */
  put(conversation: Conversation): void {
    this.list.patch(conversation);
    this.tray = this.tray.map((one) => (one.id === conversation.id ? conversation : one));
    if (this.thread?.id === conversation.id) this.thread.conversation = conversation;
    this.#look([conversation.id]);
  }

  /** Does something to a conversation that answers with its new state; says so when it was refused. */
  act = async (doing: Promise<Conversation | void>): Promise<boolean> => {
    try {
      const conversation = await doing;
      if (conversation) this.put(conversation);
      return true;
    } catch (error) {
      toasts.bad(explain(error));
      return false;
    }
  };

  async setTray(conversation: Conversation, on: boolean): Promise<void> {
    const path = `/conversations/${conversation.id}/tray` as const;
    await this.act(on ? api.put(path) : api.delete(path));
    if (this.thread?.conversation?.id === conversation.id) {
      this.thread.conversation = { ...this.thread.conversation, in_tray: on };
    }
    await this.reloadAround();
  }

  #onchange(change: Change): void {
    this.thread?.apply(change);
    if (change.kind === 'customer_changed') this.#lookAtThose(change.customer_id);
    if (!change.conversation_id) return;
    if (change.kind === 'message_received') this.#announce(change);
    this.#look([change.conversation_id]);
  }

  /** A customer's name stands wherever one of their conversations is shown. */
  #lookAtThose(customer: number | null): void {
    const isTheirs = (one: Conversation) => one.customer.id === customer;
    const theirs = [...this.list.rows, ...this.tray].filter(isTheirs);
    if (theirs.length) this.#look(theirs.map((one) => one.id));
    const open = this.thread?.conversation;
    if (open && isTheirs(open)) void this.thread!.refresh();
  }

  #announce(change: Change): void {
    const row = this.list.rows.find((one) => one.id === change.conversation_id) ?? this.thread?.conversation;
    const here = row?.id === this.thread?.id;
    const name = row?.customer.name || m.the_customer();
    this.announcement = here
      ? m.announce_message({ name, body: change.message?.body ?? '' })
      : m.announce_other({ name });
  }

  #look(ids: number[]): void {
    for (const id of ids) this.#changed.add(id);
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      const all = [...this.#changed];
      this.#changed.clear();
      void this.list.refresh(all);
    }, GATHER_MS);
    this.#count ??= setTimeout(() => {
      this.#count = undefined;
      void this.reloadAround();
    }, COUNT_MS);
  }
}

export const desk = new Desk();
