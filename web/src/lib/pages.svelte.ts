/** A list that is read page by page. */
import type { List } from './api/types';

export class Pages<T extends { id?: number }> {
  items = $state.raw<T[]>([]);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  /** Whether the first page is here. */
  ready = $state(false);
  more = $state(false);
  #next: string | null = null;
  #turn = 0;
  #ask: (cursor: string | null) => Promise<List<T>>;

  constructor(ask: (cursor: string | null) => Promise<List<T>>) {
    this.#ask = ask;
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
      const page = await this.#ask(cursor);
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
