/** A list that is read page by page. */
import { api, type Query } from './api/client';

export class Pages<T extends { id?: number }> {
  items = $state.raw<T[]>([]);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  /** Whether the first page is here. */
  ready = $state(false);
  more = $state(false);
  #next: string | null = null;
  #turn = 0;
  #path: () => string;
  #query: () => Query;

  constructor(path: () => string, query: () => Query = () => ({})) {
    this.#path = path;
    this.#query = query;
  }

  /** From the start. */
  load = (): Promise<void> => this.#read(null);

  loadMore = async (): Promise<void> => {
    if (!this.busy && this.#next !== null) await this.#read(this.#next);
  };

  /** Puts a changed row in the place of the old one. */
  put(item: T): void {
    this.items = this.items.map((one) => (one.id === item.id ? item : one));
  }

  async #read(cursor: string | null): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const page = await api.list<T>(this.#path(), { ...this.#query(), cursor });
      if (turn !== this.#turn) return;
      this.items = cursor === null ? page.items : [...this.items, ...page.items];
      this.#next = page.next;
      this.more = page.next !== null;
      this.error = null;
      this.ready = true;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
