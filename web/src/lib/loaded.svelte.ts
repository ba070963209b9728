/**
 * Something a screen asks the server for: on its way, here, or refused. A later question makes an earlier answer void,
 * and what is shown stays until the new answer is here.
 */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  #turn = 0;
  #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks again for what is shown, and lets nobody see that: what cannot be had leaves what is there. */
  refresh = async (): Promise<void> => {
    if (this.value === null || this.busy) return;
    const turn = this.#turn;
    const value = await this.#ask().catch(() => null);
    if (value !== null && turn === this.#turn) this.value = value;
  };

  load = async (): Promise<void> => {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const value = await this.#ask();
      if (turn !== this.#turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  };
}
