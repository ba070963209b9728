/** Changes of the design, one at a time: each is saved, and what is drawn is what was saved. */
import { api } from '../../api/client';
import { explain } from '../../refusal';
import { toasts } from '../../toasts.svelte';
import { catalogue } from '../catalogue.svelte';
import type { Touchpoint } from '../types';
import type { Change } from './plan';

export type DesignChange = Change & { repeats?: boolean; is_alongside?: boolean };

/** Saves a change; what is no longer part of the design cannot come again in it. */
export async function save(row: Touchpoint, change: DesignChange): Promise<void> {
  const isOut = change.role === 'free' && row.repeats;
  try {
    await api.patch(`/touchpoints/${row.id}`, isOut ? { ...change, repeats: false } : change);
  } catch (error) {
    toasts.bad(explain(error));
  }
  await catalogue.both.load();
}
