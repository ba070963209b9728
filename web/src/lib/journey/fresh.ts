/** What a page about journeys shows stays true while it is looked at: it is asked again, without a word, when something has happened. */
import { onMount } from 'svelte';
import { live } from '../live.svelte';
import type { Loaded } from '../loaded.svelte';

/** Numbers that change more often than this cannot be read. */
const CALM_MS = 5_000;
/** A question that takes long is asked again only after so many times as long: the server has other work. */
const REST = 10;

/** Keeps fresh what is shown, for as long as the calling component lives. Call it while the component is set up. */
export function keepFresh(...shown: Loaded<unknown>[]): void {
  onMount(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let rest = CALM_MS;
    let isStale = false;
    const again = async () => {
      const begun = performance.now();
      isStale = false;
      await Promise.all(shown.map((one) => one.refresh()));
      rest = Math.max(CALM_MS, REST * (performance.now() - begun));
      timer = undefined;
      if (isStale) soon();
    };
    function soon() {
      isStale = true;
      if (document.visibilityState === 'visible') timer ??= setTimeout(() => void again(), rest);
    }
    const seen = () => isStale && soon();
    document.addEventListener('visibilitychange', seen);
    const stops = [live.on('change', soon), live.on('resumed', soon)];
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      stops.forEach((stop) => stop());
    };
  });
}
