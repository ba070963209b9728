/** The rows of the view that is shown. */
import { api } from '../api/client';
import type { Query } from '../api/routes';
import type { Conversation } from '../api/types';
import type { Judge } from './belongs';
import { appendRows, mergeRows } from './merge';

const PAGE = 50;
const MOST = 200;

export class List {
  rows = $state.raw<Conversation[]>([]);
  next = $state<string | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  loadingMore = $state(false);
  /** The last page could not be had; scrolling on tries again. */
  moreFailed = $state(false);
  #query: Query<'/conversations'> = {};
  #judge: Judge | null = null;
  #key = '';
  #turn = 0;

  /** Shows another view; `judge` knows what stands in it, null when only the server does. The same view again changes nothing. */
  open(query: Query<'/conversations'>, judge: Judge | null): void {
    this.#judge = judge;
    const key = JSON.stringify(query);
    if (key === this.#key) return;
    [this.#query, this.#key] = [query, key];
    [this.rows, this.next, this.state] = [[], null, 'loading'];
    void this.reload();
  }

  /** Looks at the first rows again: after a gap, or when somebody asks. */
  reload = async (): Promise<void> => {
    const turn = ++this.#turn;
    const limit = Math.min(Math.max(this.rows.length, PAGE), MOST);
    try {
      const page = await api.get('/conversations', { ...this.#query, limit });
      if (turn !== this.#turn) return;
      [this.rows, this.next, this.state, this.error] = [page.items, page.next, 'ready', null];
    } catch (error) {
      if (turn !== this.#turn) return;
      this.error = error;
      // Rows that are there stay readable while the server is away.
      if (this.state === 'loading') this.state = 'failed';
    }
  };

  retry = (): void => {
    this.state = 'loading';
    void this.reload();
  };

  more = async (): Promise<void> => {
    if (this.loadingMore || !this.next) return;
    const turn = this.#turn;
    this.loadingMore = true;
    this.moreFailed = false;
    try {
      const page = await api.get('/conversations', {
        ...this.#query,
        limit: PAGE,
        cursor: this.next,
      });
      if (turn !== this.#turn) return;
      this.rows = appendRows(this.rows, page.items);
      this.next = page.next;
    } catch {
      this.moreFailed = true;
    } finally {
      this.loadingMore = false;
    }
  };

  /** Looks at these again and puts them where they belong now. */
  async refresh(ids: number[]): Promise<void> {
    if (this.state !== 'ready' || ids.length === 0) return;
    const judge = this.#judge;
    if (ids.length > MOST || !judge) return this.reload();
    const turn = this.#turn;
    try {
      const page = await api.get('/conversations', { ids: ids.join(','), limit: MOST });
      if (turn !== this.#turn) return;
      const sort = this.#query.sort ?? 'waiting';
      this.rows = mergeRows(this.rows, ids, page.items.filter(judge), sort, this.next === null);
    } catch {
      // The next change or the end of the gap looks again.
    }
  }

  /** Puts a row's new state in its place without moving it; {@link refresh} follows. */
  patch(conversation: Conversation): void {
    this.rows = this.rows.map((row) => (row.id === conversation.id ? conversation : row));
  }
}
