/** A customer's file while it is shown. */
import { all, api, Problem } from '../api/client';
import type { Arrivals, Change, Customer, CustomerRequest, Join, Suggestion } from '../api/types';
import { explain } from '../refusal';
import { toasts } from '../toasts.svelte';
import { Timeline } from './timeline.svelte';

/** What a file is made of, to see whether that has changed. */
const made = (joins: Join[]) => joins.map((join) => `${join.id}${join.ended?.at ?? ''}`).join();

export class CustomerFile {
  customer = $state.raw<Customer | null>(null);
  requests = $state.raw<CustomerRequest[]>([]);
  arrivals = $state.raw<Arrivals>({ first: null, last: null });
  joins = $state.raw<Join[]>([]);
  suggestions = $state.raw<Suggestion[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  readonly timeline: Timeline;
  #refetch: ReturnType<typeof setTimeout> | undefined;

  /** Whose file it is: another customer's, once this one turned out to be that one. */
  id = $state(0);

  constructor(id: number) {
    this.id = id;
    this.timeline = new Timeline(id);
  }

  get path() {
    return `/customers/${this.id}` as const;
  }

  load = async (): Promise<void> => {
    try {
      const [customer, requests, arrivals, joins, suggestions] = await Promise.all([
        api.get(this.path),
        all(`${this.path}/requests`),
        api.get(`${this.path}/arrivals`),
        all(`${this.path}/joins`),
        all(`${this.path}/suggestions`),
        this.timeline.load(),
      ]);
      const hasMoved = this.state === 'ready' && made(joins) !== made(this.joins);
      [this.customer, this.requests, this.arrivals, this.state] = [customer, requests, arrivals, 'ready'];
      [this.joins, this.suggestions] = [joins, suggestions];
      // What is further down may have gone to another file, or come from one.
      if (hasMoved) await this.timeline.restart();
    } catch (error) {
      const into = error instanceof Problem && error.code === 'merged' && error.extra.merged_into_id;
      if (into) {
        this.id = this.timeline.id = into;
        return this.load();
      }
      this.error = error;
      const isGone = error instanceof Problem && error.code === 'not_found';
      if (this.state === 'loading' || isGone) this.state = 'failed';
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
