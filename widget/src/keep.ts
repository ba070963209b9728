/**
 * What a visitor's browser keeps of a chat: who they are, what they were writing, and what has not left yet. In the page's own storage;
 * where a browser refuses that, for as long as the page is open.
 *
 * Each thing has a key of its own: pages of the same site that are open side by side must not write over what another one keeps.
 */
import type { Waiting } from './thread';

export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** A storage that forgets when the page goes. */
export class Memory implements Store {
  #known = new Map<string, string>();
  get length(): number {
    return this.#known.size;
  }
  key = (at: number): string | null => [...this.#known.keys()][at] ?? null;
  getItem = (key: string): string | null => this.#known.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.#known.set(key, value);
  removeItem = (key: string): void => void this.#known.delete(key);
}

/** The page's storage, if this browser lets us have it. */
export function pageStorage(): Store {
  try {
    const [storage, key] = [localStorage, 'rapport-chat'];
    storage.setItem(key, '');
    storage.removeItem(key);
    return storage;
  } catch {
    return new Memory();
  }
}

export class Keep {
  readonly #store: Store;
  /** How the keys begin that are this chat's. */
  readonly start: string;
  /** What found no place in the storage: this page still knows it. */
  readonly #memory = new Memory();

  constructor(store: Store, server: string, channel: string) {
    this.#store = store;
    this.start = `rapport-chat ${server} ${channel} `;
  }

  get = (name: string): string | null => this.#memory.getItem(name) ?? this.#store.getItem(this.start + name);

  set(name: string, value: string | null): void {
    this.#memory.removeItem(name);
    if (!value) return this.#store.removeItem(this.start + name);
    try {
      this.#store.setItem(this.start + name, value);
    } catch {
      this.#memory.setItem(name, value);
    }
  }

  /** Whether pages must care that this key of the storage has changed; `null` is all of them. */
  isOurs = (key: string | null): boolean =>
    key === null || (key.startsWith(this.start) && key !== `${this.start}draft`);

  /** Keeps what waits; a file itself cannot be kept. */
  put({ file: _, isSent, ...one }: Waiting): void {
    if (!isSent && (one.body || one.attachments.length > 0)) this.set(`out ${one.id}`, JSON.stringify(one));
  }
  drop = (id: string): void => this.set(`out ${id}`, null);

  /** What waits, in the order in which it was written. */
  waiting(): Waiting[] {
    const start = `${this.start}out `;
    const found = [...namesIn(this.#store, start), ...namesIn(this.#memory, 'out ')];
    const waiting = found.flatMap((id) => this.#read(`out ${id}`));
    return waiting.sort((one, other) => one.at - other.at);
  }

  #read(name: string): Waiting[] {
    try {
      const { id, body, attachments, at, refused } = JSON.parse(this.get(name)!);
      return [{ id, body, attachments, at, refused, isSent: false }];
    } catch {
      return [];
    }
  }

  /** Forgets everything. */
  clear(): void {
    const names = [...namesIn(this.#store, this.start), ...namesIn(this.#memory, '')];
    for (const name of names) this.set(name, null);
  }
}

/** What follows on a beginning, of the keys that have it. */
const namesIn = (store: Store, start: string): string[] =>
  Array.from({ length: store.length }, (_, at) => store.key(at) ?? '')
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length));
