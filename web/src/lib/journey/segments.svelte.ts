/** The segments, as the pages about journeys need them; loaded again when customers come in or leave. */
import { all } from '../api/client';
import { live } from '../live.svelte';
import { Loaded } from '../loaded.svelte';
import type { Segment } from './types';

const SETTLE_MS = 500;

class Segments {
  list = new Loaded<Segment[]>(() => all('/segments'));

  /** Follows what happens to segments until the function that it gives is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = () => {
      timer = undefined;
      void this.list.load();
    };
    // Many come in at once where a rule is new: one look is enough for all of them.
    const soon = () => (timer ??= setTimeout(load, SETTLE_MS));
    const stops = [
      live.on('change', ({ kind }) => kind.startsWith('segment_') && soon()),
      live.on('resumed', soon),
    ];
    return () => {
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }
}

export const segments = new Segments();
