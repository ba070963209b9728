/** A line to a flow as it stands in the editor: nothing is kept, nobody is texted. */
import { api } from '../api/client';
import { deedWords } from '../flows/deeds';
import type { Bubble, Line } from './line.svelte';

type Input = { text: string } | { timeout: true } | { start: true; text?: string };

export class TryLine implements Line {
  bubbles = $state.raw<Bubble[]>([]);
  state = $state<'connecting' | 'live' | 'offline'>('live');
  error = $state.raw<unknown>(null);
  /** Whether the flow waits for an answer, and at which step it stands. */
  waiting = $state(false);
  step = $state<string | null>(null);
  busy = $state(false);
  #session: unknown = null;
  #next = 0;
  readonly #source: () => string;

  constructor(source: () => string) {
    this.#source = source;
  }

  /** Hangs up and forgets. */
  reset(): void {
    [this.bubbles, this.error, this.waiting, this.step, this.#session] = [[], null, false, null, null];
  }

  async send(text: string): Promise<void> {
    this.#say({ mine: true, body: text });
    await this.#go(this.#session ? { text } : { start: true, text });
  }

  /** Lets the time that a step waits run out. */
  async timeout(): Promise<void> {
    await this.#go({ timeout: true });
  }

  async #go(input: Input): Promise<void> {
    this.busy = true;
    try {
      const state = this.#session ?? undefined;
      const answer = await api.post('/flows/try', { source: this.#source(), state, input });
      for (const said of answer.said) this.#say({ mine: false, body: said.text });
      for (const { deed } of answer.events) this.#say({ mine: false, body: deedWords(deed), aside: true });
      [this.waiting, this.step, this.error] = [answer.waiting, answer.step, null];
      this.#session = answer.waiting ? answer.state : null;
    } catch (error) {
      this.error = error;
      throw error;
    } finally {
      this.busy = false;
    }
  }

  #say(part: { mine: boolean; body: string; aside?: boolean }): void {
    const at = new Date().toISOString();
    this.bubbles = [
      ...this.bubbles,
      { id: `try-${this.#next++}`, at, attachments: [], status: 'delivered', ...part },
    ];
  }
}
