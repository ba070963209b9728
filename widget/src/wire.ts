/** The calls of a chat's protocol, one by one, as `docs/chat.md` describes them. It keeps nothing and knows no page. */
import { EventReader } from './sse';

export type Question = { key: string; label: string; is_required: boolean };
/** What a chat says of itself. */
export type About = {
  name: string;
  company: string;
  /** `#rrggbb`, or empty. */
  colour: string;
  texts: { title: string; greeting: string; away: string };
  is_open: boolean;
  hides_when_closed: boolean;
  verified_only: boolean;
  questions: Question[];
  /** By what key pages that are looked at are told of; null where they are not. */
  pages_key: string | null;
};
export type Attachment = { token: string; name: string; content_type: string; url: string };
/** A button: pressing it says its text. */
export type Choice = { label: string; text: string };
export type Message = {
  id: number;
  /** `in` came to the company. */
  direction: 'in' | 'out';
  body: string;
  at: string;
  status: string;
  author: { kind: 'customer' | 'flow' | 'agent' | 'system'; name: string };
  /** The id that the sender gave it. */
  client_id: string | null;
  choices: Choice[];
  attachments: Attachment[];
};
export type NewMessage = { id: string; body: string; attachments?: string[] };
export type Who = { identity?: string; answers?: Record<string, string>; anonymous_id?: string };
export type Listener = {
  message: (message: Message) => void;
  typing: (typing: { is_typing: boolean; name: string }) => void;
  read: (upTo: number) => void;
};

/** What the server refuses. What never reached it throws a `TypeError`, as `fetch` does. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** How long the server wants to be left alone. */
    readonly retryAfterMs = 0,
  ) {
    super(detail);
  }
  /** Whether the same may be taken another time: the server is busy, away, or was asked too often. */
  get mayPass(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** A stream that says nothing for so long is dead: the server sends a comment every 15 seconds. */
const SILENCE_MS = 40_000;
/** An answer that does not come for so long does not come any more; what was asked is asked again. */
const ANSWER_MS = 20_000;
const UPLOAD_MS = 600_000;

export class Wire {
  /** The secret by which the server knows the visitor. */
  token: string | null = null;
  readonly #base: string;

  constructor(
    readonly server: string,
    channel: string,
  ) {
    this.#base = `${server.replace(/\/$/, '')}/chat/${encodeURIComponent(channel)}`;
  }

  about = (): Promise<About> => this.#ask('GET', '');
  /** Makes a visitor, or lets this one sign in by a token that the company has signed. */
  begin = (who: Who): Promise<{ token: string; id: string }> => this.#ask('POST', '/visitors', who);
  /** Gives when the message is on the server's disk. The same id twice is the same message. */
  send = (message: NewMessage): Promise<{ id: number | null }> => this.#ask('POST', '/messages', message);
  typing = (): Promise<void> => this.#ask('POST', '/typing', {});
  read = (upTo: number): Promise<void> => this.#ask('POST', '/read', { up_to: upTo });
  upload(file: File): Promise<Attachment> {
    const form = new FormData();
    form.append('file', file);
    return this.#ask('POST', '/attachments', form, UPLOAD_MS);
  }
  /** Where a file of a message is. */
  address = (url: string): string => new URL(url, this.server).href;

  /** Tells what was said after a message, and what is said, until the line is cut. */
  async follow(after: number, listener: Listener, stop: AbortSignal, begun: () => void): Promise<void> {
    const line = new AbortController();
    const cut = () => line.abort();
    stop.addEventListener('abort', cut);
    let silence = setTimeout(cut, SILENCE_MS);
    try {
      const address = `${this.#base}/live?after=${after}`;
      const answer = await fetch(address, { headers: this.#who(), signal: line.signal, cache: 'no-store' });
      if (!answer.ok || !answer.body) throw await refusal(answer);
      begun();
      const [reader, events, text] = [answer.body.getReader(), new EventReader(), new TextDecoder()];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(cut, SILENCE_MS);
        for (const { event, data } of events.push(text.decode(value, { stream: true }))) {
          tell(listener, event, data);
        }
      }
    } finally {
      clearTimeout(silence);
      stop.removeEventListener('abort', cut);
    }
  }

  async #ask<T>(method: string, path: string, body?: object, patience = ANSWER_MS): Promise<T> {
    const isForm = body instanceof FormData;
    const answer = await fetch(this.#base + path, {
      method,
      headers: { ...this.#who(), ...(body && !isForm ? { 'content-type': 'application/json' } : {}) },
      signal: AbortSignal.timeout(patience),
      credentials: 'omit',
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw await refusal(answer);
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  #who(): Record<string, string> {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }
}

function tell(listener: Listener, event: string, data: string): void {
  const told = JSON.parse(data);
  if (event === 'message') listener.message(told);
  if (event === 'typing') listener.typing(told);
  if (event === 'read') listener.read(told.up_to);
}

async function refusal(answer: Response): Promise<Refused> {
  const told = await answer.json().catch(() => ({}));
  const seconds = Number(answer.headers.get('retry-after')) || 0;
  const detail = told.detail ?? (answer.statusText || `${answer.status}`);
  return new Refused(answer.status, told.code ?? '', detail, seconds * 1_000);
}
