/**
 * What happens on the server, as it happens. One EventSource for the whole app; it resumes where it stopped, so
 * that nothing is missed, and says when the line is down.
 */
import { apiUrl } from './api/client';
import type { Change, Viewer } from './api/types';

/** Who looks at which conversation, and in which the customer types: all of them, each time. */
export type Presence = { conversations: Record<string, Viewer[]>; typing: number[] };
type Handlers = {
  change: (change: Change) => void;
  presence: (presence: Presence) => void;
  /** The line is there, at first or after a gap: whoever has looked before may have missed something and looks again. */
  resumed: () => void;
};

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** A server that pings does so at least this often; silence for longer means that the line is dead. */
const SILENCE_MS = 60_000;

/** How long to wait before the n-th try (from 0): doubling, with up to a quarter more by chance. */
export function backOff(tries: number, chance: number): number {
  const base = Math.min(FIRST_DELAY_MS * 2 ** tries, LONGEST_DELAY_MS);
  return Math.round(base * (1 + chance / 4));
}

class Live {
  state = $state<'connecting' | 'live' | 'offline'>('connecting');
  /** When the next try is due, in ms since the epoch. */
  retryAt = $state<number | null>(null);

  #source: EventSource | null = null;
  #cursor: string | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #pings = false;
  #watch: ReturnType<typeof setInterval> | undefined;
  #handlers: { [K in keyof Handlers]: Set<Handlers[K]> } = {
    change: new Set(),
    presence: new Set(),
    resumed: new Set(),
  };

  /** Listens until the returned function is called. */
  on<K extends keyof Handlers>(kind: K, handler: Handlers[K]): () => void {
    this.#handlers[kind].add(handler);
    return () => this.#handlers[kind].delete(handler);
  }

  start(): void {
    if (this.#source) return;
    addEventListener('online', this.retryNow);
    addEventListener('offline', this.#lost);
    this.#watch = setInterval(() => {
      if (this.#pings && this.state === 'live' && Date.now() - this.#heardAt > SILENCE_MS) this.#lost();
    }, 5_000);
    this.#connect();
  }

  stop(): void {
    removeEventListener('online', this.retryNow);
    removeEventListener('offline', this.#lost);
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.#cursor = null;
    this.state = 'connecting';
  }

  retryNow = (): void => {
    if (this.state !== 'offline') return;
    this.#tries = 0;
    this.#connect();
  };

  #connect(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.retryAt = null;
    const source = new EventSource(apiUrl('/live', { after: this.#cursor }));
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => {
      if (this.#source === source) this.#lost();
    };
    source.onmessage = () => this.#heard();
    source.addEventListener('hello', (event) => {
      this.#heard();
      if (this.#cursor !== null) return;
      this.#cursor = String(JSON.parse(event.data).cursor);
      this.#resumed();
    });
    source.addEventListener('ping', () => {
      this.#pings = true;
      this.#heard();
    });
    source.addEventListener('change', (event) => {
      this.#heard();
      if (event.lastEventId) this.#cursor = event.lastEventId;
      const change = JSON.parse(event.data) as Change;
      this.#tell('change', change);
      // Whatever is shown may have been theirs.
      if (change.kind === 'customer_erased') this.#resumed();
    });
    // Too much was missed to be told one by one.
    source.addEventListener('reload', (event) => {
      this.#heard();
      if (event.lastEventId) this.#cursor = event.lastEventId;
      this.#resumed();
    });
    source.addEventListener('presence', (event) => {
      this.#heard();
      this.#tell('presence', JSON.parse(event.data) as Presence);
    });
  }

  #heard(): void {
    this.#heardAt = Date.now();
  }

  #opened(): void {
    this.#heard();
    this.#tries = 0;
    const wasDown = this.state === 'offline';
    this.state = 'live';
    if (wasDown && this.#cursor !== null) this.#resumed();
  }

  #resumed(): void {
    for (const handler of this.#handlers.resumed) handler();
  }

  #lost = (): void => {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.state = 'offline';
    const delay = backOff(this.#tries++, Math.random());
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.#connect(), delay);
  };

  #tell<K extends 'change' | 'presence'>(kind: K, value: Parameters<Handlers[K]>[0]): void {
    for (const handler of this.#handlers[kind]) (handler as (value: unknown) => void)(value);
  }
}

export const live = new Live();
