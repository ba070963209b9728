/**
 * A telephone line: what was said on it and how to say something. The phone draws any line; this one is a number that
 * texts a simulator channel.
 */
import { api, apiUrl, Problem } from '../api/client';
import type { MessageStatus, PhoneMessage } from '../api/types';
import { backOff } from '../live.svelte';

export type Bubble = {
  id: number | string;
  /** Whether the person who holds this phone said it. */
  mine: boolean;
  body: string;
  at: string;
  attachments: PhoneMessage['attachments'];
  status: MessageStatus | 'sending' | 'failed';
  /** What went on behind it: not part of what a customer sees. */
  aside?: boolean;
};
export type Line = {
  bubbles: Bubble[];
  state: 'connecting' | 'live' | 'offline';
  error: unknown;
  send(text: string, files: File[]): Promise<void>;
};

const toBubble = (message: PhoneMessage): Bubble => ({
  id: message.id,
  mine: message.direction === 'in',
  body: message.body,
  at: message.at,
  attachments: message.attachments,
  status: message.status,
});

/** Adds messages to what is shown, each once, in the order in which the server numbered them. */
export function withMessages(shown: Bubble[], messages: PhoneMessage[]): Bubble[] {
  const byId = new Map(shown.map((bubble) => [bubble.id, bubble]));
  for (const message of messages) byId.set(message.id, toBubble(message));
  return [...byId.values()].sort((a, b) => Number(a.id) - Number(b.id));
}

export class PhoneLine implements Line {
  bubbles = $state.raw<Bubble[]>([]);
  state = $state<'connecting' | 'live' | 'offline'>('connecting');
  error = $state.raw<unknown>(null);
  #source: EventSource | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly channel: number,
    private readonly number: string,
  ) {}

  get #path() {
    return `/phone/${this.channel}/${encodeURIComponent(this.number)}` as const;
  }

  /** Picks up; the returned function hangs up. */
  open(): () => void {
    this.#connect();
    return () => {
      clearTimeout(this.#timer);
      this.#source?.close();
      this.#source = null;
    };
  }

  #connect(): void {
    const source = new EventSource(apiUrl(`${this.#path}/live`));
    this.#source = source;
    source.onopen = () => {
      this.#tries = 0;
      this.state = 'live';
      void this.#catchUp();
    };
    source.addEventListener('message', (event) => {
      this.bubbles = withMessages(this.bubbles, [JSON.parse(event.data) as PhoneMessage]);
    });
    source.onerror = () => {
      source.close();
      if (this.#source !== source) return;
      this.state = 'offline';
      this.#timer = setTimeout(() => this.#connect(), backOff(this.#tries++, Math.random()));
    };
    if (this.#tries === 0) void this.#catchUp();
  }

  /** What was said before we listened, or while the line was down. */
  async #catchUp(): Promise<void> {
    try {
      const { items } = await api.get(`${this.#path}/messages`);
      this.bubbles = withMessages(this.bubbles, items);
      this.error = null;
    } catch (error) {
      if (!(error instanceof Problem && error.offline)) this.error = error;
    }
  }

  async send(text: string, files: File[]): Promise<void> {
    const uploads = await Promise.all(files.map((file) => api.upload(`${this.#path}/attachments`, file)));
    // The text itself comes back on the line.
    await api.post(`${this.#path}/messages`, {
      body: text,
      attachments: uploads.map((upload) => upload.token),
      id: crypto.randomUUID(),
    });
  }
}
