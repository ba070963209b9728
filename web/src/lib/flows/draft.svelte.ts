/**
 * A flow that is being edited: its text, what is wrong with it, and its map. What was typed is kept in the browser until
 * it is saved or dropped.
 */
import { api, Problem } from '../api/client';
import type { FlowDetail, FlowGraph, FlowProblem } from '../api/types';
import { own } from '../own';

const CHECK_AFTER_MS = 350;
/** Where the unsaved text of a flow is kept. */
export const key = (id: number) => own(`flow.${id}`);

/** What was typed and not saved, if it still follows on the version that is saved. */
export function keptText(stored: string | null, version: number, source: string): string | null {
  try {
    const kept = JSON.parse(stored ?? 'null') as { version: number; source: string } | null;
    return kept && kept.version === version && kept.source !== source ? kept.source : null;
  } catch {
    return null;
  }
}

export class FlowDraft {
  flow = $state.raw() as FlowDetail;
  source = $state('');
  problems = $state.raw<FlowProblem[]>([]);
  graph = $state.raw<FlowGraph | null>(null);
  checking = $state(false);
  saving = $state(false);
  /** Unsaved text was found when the flow was opened. */
  restored = $state(false);
  checkError = $state.raw<unknown>(null);
  dirty = $derived(this.source !== this.flow.source);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(flow: FlowDetail) {
    this.flow = flow;
    const kept = keptText(localStorage.getItem(key(flow.id)), flow.version, flow.source);
    this.restored = kept !== null;
    this.source = kept ?? flow.source;
    void this.#check();
  }

  edit = (source: string): void => {
    if (source === this.source) return;
    this.source = source;
    if (source === this.flow.source) localStorage.removeItem(key(this.flow.id));
    else localStorage.setItem(key(this.flow.id), JSON.stringify({ version: this.flow.version, source }));
    this.checking = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), CHECK_AFTER_MS);
  };

  /** Back to what is saved. */
  drop = (): void => {
    this.restored = false;
    this.edit(this.flow.source);
  };

  /** Saves the text. A refusal marks its lines and is thrown on. */
  async save(): Promise<void> {
    this.saving = true;
    try {
      await this.change({ source: this.source });
      localStorage.removeItem(key(this.flow.id));
      this.restored = false;
    } catch (error) {
      if (error instanceof Problem && error.extra.problems) this.problems = error.extra.problems;
      throw error;
    } finally {
      this.saving = false;
    }
  }

  async change(patch: { source?: string; enabled?: boolean }): Promise<void> {
    this.flow = await api.patch(`/flows/${this.flow.id}`, patch);
  }

  async #check(): Promise<void> {
    const turn = ++this.#turn;
    this.checking = true;
    try {
      const { problems, graph } = await api.post('/flows/check', { source: this.source });
      if (turn !== this.#turn) return;
      this.problems = problems;
      // While a text cannot be read, the last map stays.
      if (graph) this.graph = graph;
      this.checkError = null;
    } catch (error) {
      if (turn === this.#turn) this.checkError = error;
    } finally {
      if (turn === this.#turn) this.checking = false;
    }
  }
}
