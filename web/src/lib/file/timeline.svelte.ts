/** What happened with a customer, narrowed to a sort of events and to words, a page at a time. */
import { api } from '../api/client';
import type { TimelineEvent } from '../api/types';
import { explain } from '../refusal';
import { toasts } from '../toasts.svelte';
import { kindsOf, type Sort } from './sorts';

const PAGE = 30;

export class Timeline {
  events = $state.raw<TimelineEvent[]>([]);
  next = $state<string | null>(null);
  busy = $state(false);
  sort = $state<Sort | 'all'>('all');
  query = $state('');
  /** Whether what is here fits what is asked for now. */
  isFresh = $state(false);
  #turn = 0;

  constructor(public id: number) {}

  #ask = (cursor: string | null = null) =>
    api.get(`/customers/${this.id}/timeline`, {
      kinds: kindsOf(this.sort),
      q: this.query.trim() || null,
      limit: PAGE,
      cursor,
    });

  /** Looks for the newest events. Pages that were loaded before stay; the newest come in front of them. */
  load = async (): Promise<void> => {
    const turn = ++this.#turn;
    const page = await this.#ask();
    if (turn !== this.#turn) return;
    const known = new Set(page.items.map((event) => event.id));
    // Where more came than a page holds, something lies between them: it is not passed over, but loaded again.
    const meets = page.next === null || this.events.some((event) => known.has(event.id));
    const older = this.isFresh && meets ? this.events.filter((event) => !known.has(event.id)) : [];
    this.events = [...page.items, ...older].sort((a, b) =>
      a.at < b.at ? 1 : a.at > b.at ? -1 : b.id - a.id,
    );
    if (older.length === 0) this.next = page.next;
    this.isFresh = true;
  };

  /** Looks for the newest events alone: those that were loaded before may be of another history. */
  restart = (): Promise<void> => {
    this.isFresh = false;
    return this.load();
  };

  /** Looks for something else. */
  narrow = async (to: { sort?: Sort | 'all'; query?: string }): Promise<void> => {
    this.sort = to.sort ?? this.sort;
    this.query = to.query ?? this.query;
    this.isFresh = false;
    await this.#do(this.load);
  };

  more = (): Promise<void> =>
    this.#do(async () => {
      const turn = this.#turn;
      const page = await this.#ask(this.next);
      if (turn !== this.#turn) return;
      const known = new Set(this.events.map((event) => event.id));
      this.events = [...this.events, ...page.items.filter((event) => !known.has(event.id))];
      this.next = page.next;
    });

  async #do(run: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await run();
    } catch (error) {
      toasts.bad(explain(error));
    } finally {
      this.busy = false;
    }
  }
}
