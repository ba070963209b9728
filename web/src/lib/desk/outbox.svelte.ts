/**
 * Replies on their way to the server. They are kept in this browser until the server has them, and carry a key of
 * their own, so that a second try after a lost answer never sends twice.
 */
import { api, Problem } from '../api/client';
import type { Attachment, Message, Note, Time } from '../api/types';
import { own } from '../own';
import { explain } from '../refusal';

export type Outgoing = {
  client_key: string;
  conversation_id: number;
  body: string;
  attachments: Attachment[];
  send_at: Time | null;
  last_seen_message_id: number;
  last_seen_note_id: number;
  anyway: boolean;
  close_after: boolean;
  at: Time;
  /** `waiting`: there is no connection; it goes out when there is. `refused`: the server said no. */
  state: 'sending' | 'waiting' | 'refused';
  reason: string;
};
type Result =
  | { kind: 'sent'; message: Message }
  | { kind: 'waiting' }
  | { kind: 'refused'; problem: Problem; newer: (Message | Note)[] };

/** Each reply has a place of its own: another window's replies stay where they are. */
const KEY = (client_key: string) => own(`outbox.${client_key}`);
const AGAIN_MS = 5_000;

function restore(storage: Storage): Outgoing[] {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
  const kept = keys
    .filter((key) => key.startsWith(KEY('')))
    .flatMap((key) => {
      try {
        return [JSON.parse(storage.getItem(key)!) as Outgoing];
      } catch {
        return [];
      }
    });
  // What was on its way when the page went may or may not have arrived: the key makes a second try safe.
  return kept
    .map((out): Outgoing => (out.state === 'sending' ? { ...out, state: 'waiting' } : out))
    .sort((one, other) => one.at.localeCompare(other.at));
}

export class Outbox {
  items = $state.raw<Outgoing[]>([]);
  /** Told when a reply that had to wait has arrived or was refused after all. */
  onlate: (out: Outgoing, result: Result) => void = () => {};

  #again: ReturnType<typeof setTimeout> | undefined;
  #storage: Storage | null = null;

  /** Takes up what the user who has signed in left here. */
  open(storage: Storage = localStorage): void {
    this.#storage = storage;
    try {
      this.items = restore(storage);
    } catch {
      this.items = [];
    }
  }

  of(conversation: number): Outgoing[] {
    return this.items.filter((out) => out.conversation_id === conversation);
  }

  async send(out: Omit<Outgoing, 'state' | 'reason'>): Promise<Result> {
    const full: Outgoing = { ...out, state: 'sending', reason: '' };
    this.#set([...this.items.filter((one) => one.client_key !== out.client_key), full]);
    return this.#post(full);
  }

  /** Tries everything again that waits for the connection. */
  async flush(): Promise<void> {
    for (const out of this.items.filter((one) => one.state === 'waiting')) {
      this.#mark(out.client_key, 'sending');
      const result = await this.#post(out);
      if (result.kind === 'waiting') return;
      this.onlate(out, result);
    }
  }

  /** Takes a reply back out: to edit it, or to let it go. */
  take(client_key: string): Outgoing | undefined {
    const out = this.items.find((one) => one.client_key === client_key);
    this.#set(this.items.filter((one) => one.client_key !== client_key));
    return out;
  }

  async #post(out: Outgoing): Promise<Result> {
    const { conversation_id, attachments, state: _state, reason: _reason, at: _at, ...body } = out;
    try {
      const message = await api.post(`/conversations/${conversation_id}/messages`, {
        ...body,
        send_at: out.send_at ?? undefined,
        attachment_ids: attachments.map((file) => file.id),
      });
      this.take(out.client_key);
      return { kind: 'sent', message };
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, 'unknown', String(error), '');
      if (problem.offline || problem.status >= 500) {
        this.#mark(out.client_key, 'waiting');
        clearTimeout(this.#again);
        this.#again = setTimeout(() => void this.flush(), AGAIN_MS);
        return { kind: 'waiting' };
      }
      this.#mark(out.client_key, 'refused', explain(problem));
      return { kind: 'refused', problem, newer: problem.extra.newer ?? [] };
    }
  }

  #mark(client_key: string, state: Outgoing['state'], reason = ''): void {
    this.#set(this.items.map((out) => (out.client_key === client_key ? { ...out, state, reason } : out)));
  }

  #set(items: Outgoing[]): void {
    const before = this.items;
    this.items = items;
    const stays = new Set(items.map((out) => out.client_key));
    try {
      for (const { client_key } of before)
        if (!stays.has(client_key)) this.#storage?.removeItem(KEY(client_key));
      for (const out of items)
        if (!before.includes(out)) this.#storage?.setItem(KEY(out.client_key), JSON.stringify(out));
    } catch {
      // Without storage the replies live as long as the page does.
    }
  }
}

export const outbox = new Outbox();
