/** Short messages at the lower edge of the screen, one of which may be undone until its time is up. */
export type Toast = {
  id: number;
  text: string;
  kind: 'info' | 'good' | 'bad';
  action: { label: string; run: () => void } | null;
  /** When it goes, in ms since the epoch; null stays until dismissed. */
  until: number | null;
  /** Show the seconds that are left. */
  countdown: boolean;
};

type Options = Partial<Pick<Toast, 'kind' | 'action' | 'countdown'>> & { seconds?: number | null };

class Toasts {
  items = $state<Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: Options = {}): number {
    const { kind = 'info', action = null, countdown = false, seconds = kind === 'bad' ? 10 : 5 } = options;
    const id = this.#next++;
    const until = seconds === null ? null : Date.now() + seconds * 1000;
    this.items.push({ id, text, kind, action, until, countdown });
    if (this.items.length > 4) this.dismiss(this.items[0]!.id);
    if (seconds !== null) {
      this.#timers.set(
        id,
        setTimeout(() => this.dismiss(id), seconds * 1000),
      );
    }
    return id;
  }

  good(text: string): number {
    return this.show(text, { kind: 'good' });
  }

  bad(text: string): number {
    return this.show(text, { kind: 'bad' });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
