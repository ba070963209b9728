/** A customer's file while it is shown. */
import { all, api } from '../api/client';
import type { Arrivals, Change, Customer, CustomerRequest } from '../api/types';
import { explain } from '../refusal';
import { toasts } from '../toasts.svelte';
import { Timeline } from './timeline.svelte';

export class CustomerFile {
  customer = $state.raw<Customer | null>(null);
  requests = $state.raw<CustomerRequest[]>([]);
  arrivals = $state.raw<Arrivals>({ first: null, last: null });
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  readonly timeline: Timeline;
  #refetch: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: number) {
    this.timeline = new Timeline(id);
  }

  get path() {
    return `/customers/${this.id}` as const;
  }

  load = async (): Promise<void> => {
    try {
      const [customer, requests, arrivals] = await Promise.all([
        api.get(this.path),
        all(`${this.path}/requests`),
        api.get(`${this.path}/arrivals`),
        this.timeline.load(),
      ]);
      [this.customer, this.requests, this.arrivals, this.state] = [customer, requests, arrivals, 'ready'];
    } catch (error) {
      this.error = error;
      if (this.state === 'loading') this.state = 'failed';
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
