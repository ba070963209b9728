/** What is being written in one conversation: the words, the files, and how they leave. */
import { goto } from '$app/navigation';
import { api, Problem } from '../api/client';
import type { Attachment, Message, Note } from '../api/types';
import { m } from '../paraglide/messages';
import { explain } from '../refusal';
import { toasts } from '../toasts.svelte';
import { desk } from './desk.svelte';
import { DraftKeeper, newer } from './drafts';
import { outbox, type Outgoing } from './outbox.svelte';
import { Presence } from './presence';
import type { Thread } from './thread.svelte';

type SendOptions = { anyway?: boolean; closeAfter?: boolean; sendAt?: Date | null };
/** A file on its way up, or arrived. */
type Upload = { key: number; name: string; file: Attachment | null; refused: string };
/** What came while somebody wrote, and the reply that waits for their decision. */
type Stale = { newer: (Message | Note)[]; out: Outgoing };

export class Composer {
  body = $state('');
  isNote = $state(false);
  uploads = $state<Upload[]>([]);
  saved = $state<'none' | 'saving' | 'saved'>('none');
  refused = $state('');
  busy = $state(false);
  stale = $state.raw<Stale | null>(null);
  #keeper: DraftKeeper;
  #presence: Presence | null;
  #uploadKey = 0;

  constructor(
    readonly thread: Thread,
    mayWork: boolean,
  ) {
    this.#keeper = new DraftKeeper(thread.id, (saved) => {
      this.saved = this.body === '' ? 'none' : saved ? 'saved' : 'saving';
    });
    this.#presence = mayWork ? new Presence(thread.id) : null;
    if (mayWork) void this.#restore();
  }

  /** Called with every key: keeps the words and tells colleagues that somebody types. */
  typed(): void {
    this.refused = '';
    this.#keep();
    this.#presence?.typed();
  }

  write(text: string): void {
    this.body = text;
    this.typed();
  }

  turnTo(isNote: boolean): void {
    this.isNote = isNote;
    if (this.body) this.#keep();
  }

  get uploading(): boolean {
    return this.uploads.some((upload) => !upload.file && !upload.refused);
  }
  get files(): Attachment[] {
    return this.uploads.flatMap((upload) => upload.file ?? []);
  }
  get ready(): boolean {
    return (
      !this.busy && !this.uploading && (this.body.trim() !== '' || (this.files.length > 0 && !this.isNote))
    );
  }

  attach(files: Iterable<File>): void {
    for (const file of files) {
      const key = this.#uploadKey++;
      this.uploads.push({ key, name: file.name || m.attachment(), file: null, refused: '' });
      api.upload('/attachments', file).then(
        (done) => this.#uploaded(key, { file: done }),
        (error) => this.#uploaded(key, { refused: explain(error) }),
      );
    }
  }
  detach(key: number): void {
    this.uploads = this.uploads.filter((upload) => upload.key !== key);
    this.#keep();
  }
  #uploaded(key: number, result: Partial<Upload>): void {
    this.uploads = this.uploads.map((upload) => (upload.key === key ? { ...upload, ...result } : upload));
    if (result.file) this.#keep();
  }
  #keep(): void {
    this.#keeper.keep(this.body, this.isNote, this.files);
  }

  async send(options: SendOptions = {}): Promise<void> {
    if (!this.ready) return;
    if (this.isNote) return this.#sendNote();
    const out = {
      client_key: crypto.randomUUID(),
      conversation_id: this.thread.id,
      body: this.body.trim(),
      attachments: this.files,
      send_at: options.sendAt?.toISOString() ?? null,
      last_seen_message_id: this.thread.seen.message,
      last_seen_note_id: this.thread.seen.note,
      anyway: options.anyway ?? false,
      close_after: options.closeAfter ?? false,
      at: new Date().toISOString(),
    };
    this.#clear();
    await this.#dispatch(out);
  }

  /** Sends what waited for a decision, having seen what came. */
  async sendAnyway(): Promise<void> {
    const waiting = this.stale;
    if (!waiting) return;
    this.stale = null;
    this.#clear();
    // A new key: the refused try must not be taken for this one.
    await this.#dispatch({ ...waiting.out, client_key: crypto.randomUUID(), anyway: true });
  }

  async #dispatch(out: Omit<Outgoing, 'state' | 'reason'>): Promise<void> {
    const result = await outbox.send(out);
    if (result.kind === 'sent') this.#sent(result.message, out);
    if (result.kind !== 'refused') return;
    if (this.body === '') this.putBack(outbox.take(out.client_key)!);
    if (result.problem.code === 'stale_reply') {
      outbox.take(out.client_key);
      this.stale = { newer: result.newer, out: { ...out, state: 'refused', reason: '' } };
      void this.thread.refresh();
    } else this.refused = explain(result.problem);
  }

  /** Puts a reply back to be edited; what is written already stays below it. */
  putBack(out: Pick<Outgoing, 'body' | 'attachments'>): void {
    this.isNote = false;
    this.body = [out.body, this.body].filter(Boolean).join('\n');
    this.uploads = [...this.#arrived(out.attachments), ...this.uploads];
    this.#keep();
  }
  #arrived(files: Attachment[]): Upload[] {
    return files.map((file) => ({ key: this.#uploadKey++, name: file.name, file, refused: '' }));
  }

  /** Calls a message back before it has left. */
  async callBack(message: Message): Promise<boolean> {
    try {
      this.thread.put(await api.delete(`/messages/${message.id}`));
      desk.put(await api.get(`/conversations/${message.conversation_id}`));
      return true;
    } catch (error) {
      toasts.bad(explain(error));
      return false;
    }
  }

  stop(): void {
    this.#presence?.stop();
    void this.#keeper.flush(true);
  }

  async #sendNote(): Promise<void> {
    const text = this.body.trim();
    this.busy = true;
    try {
      this.thread.putNote(await api.post(`/conversations/${this.thread.id}/notes`, { body: text }));
      this.#clear();
    } catch (error) {
      this.refused = explain(error);
    } finally {
      this.busy = false;
    }
  }

  #sent(message: Message, out: Pick<Outgoing, 'attachments'>): void {
    this.thread.put(message);
    this.thread.sawUpTo({ message: message.id });
    this.thread.newFrom = null;
    const left = message.send_at ? Date.parse(message.send_at) - Date.now() : 0;
    const undo = async () => {
      if (!(await this.callBack(message))) return;
      // The conversation may have been left and opened again since.
      const open = desk.composer?.thread.id === this.thread.id ? desk.composer : this;
      open.putBack({ body: message.body, attachments: out.attachments });
      // Whoever takes a reply back wants to go on with it.
      if (desk.thread?.id !== this.thread.id) await goto(`/inbox/${this.thread.id}`);
    };
    if (message.status === 'scheduled')
      toasts.show(m.will_be_sent(), { kind: 'good', action: { label: m.undo(), run: () => void undo() } });
    if (message.status !== 'queued' || left < 1_000) return;
    toasts.show(message.close_after ? m.reply_sent_closes() : m.reply_sent(), {
      seconds: Math.min(left / 1000, 60),
      countdown: true,
      action: { label: m.undo(), run: () => void undo() },
    });
  }

  #clear(): void {
    this.body = '';
    this.uploads = [];
    this.#keeper.keep('', this.isNote);
    void this.#keeper.flush();
  }

  async #restore(): Promise<void> {
    const local = this.#keeper.local();
    if (local) [this.body, this.isNote] = [local.body, local.is_note];
    const server = await api.get(`/conversations/${this.thread.id}/draft`).catch(() => null);
    const draft = newer(local, server);
    // Whoever has begun to type meanwhile is newer still.
    if (this.body === (local?.body ?? '')) [this.body, this.isNote] = [draft.body, draft.is_note];
    this.uploads = [...this.#arrived(draft.files ?? []), ...this.uploads];
    if (this.body) this.saved = 'saved';
  }
}
