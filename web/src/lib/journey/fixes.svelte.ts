/** What is being done about touchpoints. Loaded once, and again when it was changed here. */
import { all } from '../api/client';
import type { components } from '../api/schema';
import { Loaded } from '../loaded.svelte';
import { m } from '../paraglide/messages';
import { dayWords } from './words';

export type Fix = components['schemas']['Fix'];

class Fixes {
  list = new Loaded<Fix[]>(() => all('/fixes'));

  /** Loads them unless they are here or on their way. */
  want = async (): Promise<void> => {
    if (this.list.value === null && !this.list.busy) await this.list.load();
  };

  of = (touchpoint: number): Fix | null =>
    this.list.value?.find((fix) => fix.touchpoint === touchpoint) ?? null;
}

export const fixes = new Fixes();

/** "Ada, fixed on 3 Mar", in one line. */
export function fixWords({ owner, due_on, fixed_on }: Fix): string {
  const when = fixed_on
    ? m.fix_line_done({ day: dayWords(fixed_on) })
    : due_on
      ? m.fix_line_due({ day: dayWords(due_on) })
      : m.fix_line_open();
  return [owner?.name, when].filter(Boolean).join(' · ');
}
