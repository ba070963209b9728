/** Tells colleagues that somebody looks at a conversation, or types in it. */
import { api } from '../api/client';

const BEAT_MS = 15_000;
const TYPING_MS = 6_000;

/** Says "viewing" every few seconds while the tab is looked at, until stopped. */
export class Presence {
  #typedAt = 0;
  #said: 'viewing' | 'typing' | 'gone' = 'gone';
  #beat: ReturnType<typeof setInterval>;
  #settle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly conversation: number) {
    this.#beat = setInterval(() => this.#say(), BEAT_MS);
    document.addEventListener('visibilitychange', this.#look);
    this.#say();
  }

  typed(): void {
    this.#typedAt = Date.now();
    if (this.#said !== 'typing') this.#say();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#say(), TYPING_MS);
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#settle);
    document.removeEventListener('visibilitychange', this.#look);
    this.#put('gone');
  }

  #look = (): void => {
    if (!document.hidden) this.#say();
    else this.#put('gone');
  };

  #say(): void {
    if (document.hidden) return;
    this.#put(Date.now() - this.#typedAt < TYPING_MS ? 'typing' : 'viewing');
  }

  #put(state: 'viewing' | 'typing' | 'gone'): void {
    this.#said = state;
    // A lost beat does no harm: the next one comes.
    const put = state === 'gone' ? api.putLeaving : api.put;
    put(`/conversations/${this.conversation}/presence`, { state }).catch(() => {});
  }
}
