/**
 * The time that screens show: ticks each second while somebody looks, and stands still in a hidden tab.
 */
class Clock {
  now = $state(Date.now());

  constructor() {
    if (typeof window === 'undefined') return;
    const tick = () => {
      if (!document.hidden) this.now = Date.now();
    };
    setInterval(tick, 1000);
    document.addEventListener('visibilitychange', tick);
  }
}

export const clock = new Clock();
