/** Questions that the company keeps under a name. Loaded once, and again when they were changed here. */
import { all } from '../api/client';
import type { components } from '../api/schema';
import { Loaded } from '../loaded.svelte';

export type SavedQuestion = components['schemas']['SavedQuestion'];

class SavedQuestions {
  list = new Loaded<SavedQuestion[]>(() => all('/saved-questions'));

  /** Loads them unless they are here or on their way. */
  want = async (): Promise<void> => {
    if (this.list.value === null && !this.list.busy) await this.list.load();
  };
}

export const saved = new SavedQuestions();
