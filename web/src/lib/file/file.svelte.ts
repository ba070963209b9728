/** A customer's file while it is shown. */
import { all, api } from '../api/client';
import type { Change, Customer, CustomerRequest, TimelineEvent } from '../api/types';
import { explain } from '../refusal';
import { toasts } from '../toasts.svelte';

export type Side = 'all' | 'service' | 'experience';

/** Whether an event is a part of being served; everything else is experience. */
const SERVICE = /^(conversation|message|note|request|flow|handed|consent|identity|customer)_?/;
export const isService = (kind: string): boolean => SERVICE.test(kind);

export class CustomerFile {
  customer = $state.raw<Customer | null>(null);
  requests = $state.raw<CustomerRequest[]>([]);
  events = $state.raw<TimelineEvent[]>([]);
  nextEvents = $state<string | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  loadingEvents = $state(false);
  #refetch: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: number) {}

  get path() {
    return `/customers/${this.id}` as const;
  }

  load = async (): Promise<void> => {
    try {
      const [customer, requests, events] = await Promise.all([
        api.get(this.path),
        all(`${this.path}/requests`),
        api.get(`${this.path}/timeline`, { limit: 30 }),
      ]);
      [this.customer, this.requests, this.state] = [customer, requests, 'ready'];
      // Pages that were loaded before stay; the newest events come in front of them.
      const known = new Set(events.items.map((event) => event.id));
      const older = this.events.filter((event) => !known.has(event.id));
      this.events = [...events.items, ...older].sort((a, b) =>
        a.at < b.at ? 1 : a.at > b.at ? -1 : b.id - a.id,
      );
      if (older.length === 0) this.nextEvents = events.next;
    } catch (error) {
      this.error = error;
      if (this.state === 'loading') this.state = 'failed';
    }
  };

  moreEvents = async (): Promise<void> => {
    if (!this.nextEvents || this.loadingEvents) return;
    this.loadingEvents = true;
    try {
      const page = await api.get(`${this.path}/timeline`, {
        limit: 30,
        cursor: this.nextEvents,
      });
      const known = new Set(this.events.map((event) => event.id));
      this.events = [...this.events, ...page.items.filter((event) => !known.has(event.id))];
      this.nextEvents = page.next;
    } catch (error) {
      toasts.bad(explain(error));
    } finally {
      this.loadingEvents = false;
    }
  };

  apply(change: Change): void {
    if (change.customer_id !== this.id) return;
    clearTimeout(this.#refetch);
    this.#refetch = setTimeout(() => void this.load(), 400);
  }

  /** Does something to the file and looks at it again; says so when it was refused. */
  async act(doing: Promise<unknown>): Promise<boolean> {
    try {
      await doing;
      await this.load();
      return true;
    } catch (error) {
      toasts.bad(explain(error));
      return false;
    }
  }

  close(): void {
    clearTimeout(this.#refetch);
  }
}
