/** How long to wait before the next try. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * The wait after so many failures in a row: it doubles, and chance spreads it over its second half, so that all visitors of a
 * server that comes back do not come at once.
 */
export function wait(failures: number, chance: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return full / 2 + (full / 2) * chance;
}

/** Waits; less when told to stop, or when the browser says that it is online again. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(end, stop.aborted ? 0 : ms);
    function end() {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      globalThis.removeEventListener?.('online', end);
      done();
    }
    stop.addEventListener('abort', end);
    globalThis.addEventListener?.('online', end);
  });
}
