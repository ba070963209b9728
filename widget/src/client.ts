/**
 * A chat with a company that runs Rapport: for the widget, and for apps of your own. It knows no page.
 *
 * ```ts
 * import { open } from '@rapport/chat';
 *
 * const chat = open(3, { server: 'https://desk.example' });
 * chat.watch(() => show(chat.thread, chat.connection)); // called whenever something has changed
 * chat.live();                                          // follows what is said, through cuts and restarts
 * chat.send('Hello');                                   // waits until it can leave; nothing is lost or doubled
 * chat.read();                                          // the visitor has seen what is there
 * chat.close();
 * ```
 *
 * What the visitor writes without a connection is kept, and leaves in its order when there is one. Who the visitor is, is kept too: the same
 * browser is the same visitor until `forget()`.
 */
import { pause, wait } from './backoff';
import { unused } from './id';
import { Keep, Memory, pageStorage, type Store } from './keep';
import { adopt, change, EMPTY, lastId, next, take, unread, type Thread, type Waiting } from './thread';
import { Refused, Wire, type About, type Message } from './wire';

export type { Thread, Waiting } from './thread';
export type { About, Attachment, Choice, Message, Question } from './wire';
export { Refused } from './wire';

/** `idle`: nobody has said anything yet. `refused`: the server does not want this visitor; `refusal` says why. */
export type Connection = 'idle' | 'connecting' | 'live' | 'offline' | 'refused';

export type Options = {
  /** Where Rapport is, as in `https://desk.example`. */
  server: string;
  /** A JSON web token in which the company says who the visitor is. */
  identity?: string | undefined;
  /** What the app calls this browser or device where it tells of what is looked at. */
  browser?: (() => string | null) | undefined;
  /** Where the visitor is kept: the page's `localStorage` unless told otherwise; `null` keeps nothing. */
  storage?: Store | null;
};

/** Opens a channel's chat. Nothing is asked before `about`, `live` or `send`. */
export const open = (channel: number | string, options: Options): Chat => new Chat(String(channel), options);

const TYPING_MS = 3_000;
/** A line that stood for so long was no failure. */
const STOOD_MS = 5_000;

export class Chat {
  /** What was said, and what waits to be sent. */
  thread: Thread = EMPTY;
  connection: Connection = 'idle';
  /** Why the server does not want this visitor. */
  refusal = '';
  /** Who writes right now; an empty name where somebody does who has none. */
  typist: string | null = null;
  /** How far the company has read. */
  readByCompany = 0;

  readonly #wire: Wire;
  readonly #keep: Keep;
  readonly #watchers = new Set<() => void>();
  readonly #read = new Set<number>();
  readonly #browser: () => string | null;
  #identity: string | null;
  #owesRead = false;
  #typedAt = 0;
  #writtenAt = 0;
  #isSending = false;
  /** Ends the line that stands. */
  #line: AbortController | null = null;
  /** Ends a pause before the next try to send. */
  #wake = new AbortController();

  constructor(channel: string, { server, identity, storage, browser }: Options) {
    this.#wire = new Wire(server, channel);
    this.#keep = new Keep(storage === null ? new Memory() : (storage ?? pageStorage()), server, channel);
    this.#wire.token = this.#keep.get('token');
    this.#identity = identity ?? null;
    this.#browser = browser ?? (() => null);
    this.thread = adopt(EMPTY, this.#keep.waiting());
    globalThis.addEventListener?.('storage', this.#elsewhere);
  }

  /** Whether the visitor is somebody: has written before, or is said by the company to be somebody. */
  get isKnown(): boolean {
    return this.#wire.token !== null || this.#identity !== null;
  }
  /** Whether the visitor has answered what the company asks beforehand. */
  get hasAnswered(): boolean {
    return this.#keep.get('answers') !== null;
  }
  /** What the company said and the visitor has not seen. */
  get unread(): Message[] {
    return unread(this.thread, this.#read);
  }
  /** What the visitor was writing; kept, so that a reload does not take it. */
  get draft(): string {
    return this.#keep.get('draft') ?? '';
  }
  set draft(words: string) {
    this.#keep.set('draft', words);
  }

  about = (): Promise<About> => this.#wire.about();
  /** Where a file of a message is. */
  address = (url: string): string => this.#wire.address(url);

  /** Calls back whenever something has changed. Gives what ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Follows what is said until `rest` or `close`; a visitor who is nobody yet becomes somebody. */
  live(): void {
    if (this.#line) return;
    this.#line = new AbortController();
    void this.#follow(this.#line.signal);
  }

  /** Follows nothing for now. */
  rest(): void {
    this.#line?.abort();
    this.#line = null;
  }

  close(): void {
    this.rest();
    this.#wake.abort();
    globalThis.removeEventListener?.('storage', this.#elsewhere);
    this.#watchers.clear();
  }

  /** Answers what the company asks before a chat. */
  answer(answers: Record<string, string>): void {
    this.#keep.set('answers', JSON.stringify(answers));
    this.#changed();
    this.live();
  }

  /** Lets the visitor sign in by a token that the company has signed. */
  identify(identity: string): void {
    this.#identity = identity;
    this.rest();
    this.live();
  }

  /** Makes the visitor nobody again, as when somebody signs out: the next one here must not see what was said. */
  forget(): void {
    this.rest();
    this.#keep.clear();
    this.#identity = null;
    this.#become(null);
    this.thread = EMPTY;
    this.#set('idle');
  }

  /** Says something: it waits until the server has it, through anything that happens. */
  send(body: string, file?: File): void {
    this.#writtenAt = Math.max(Date.now(), this.#writtenAt + 1);
    const one: Waiting = {
      id: unused(),
      body: body.trim(),
      attachments: [],
      at: this.#writtenAt,
      isSent: false,
      refused: null,
      ...(file ? { file } : {}),
    };
    if (!one.body && !file) return;
    this.#keep.put(one);
    this.thread = { ...this.thread, waiting: [...this.thread.waiting, one] };
    this.#changed();
    if (this.connection === 'refused') this.rest();
    this.live();
    void this.#send();
  }

  /** Tries again to send what was refused. */
  again(id: string): void {
    this.#mark(id, { refused: null });
    if (this.connection === 'refused') this.rest();
    this.live();
    void this.#send();
  }

  /** Lets go what was refused. */
  discard(id: string): void {
    this.#keep.drop(id);
    this.thread = { ...this.thread, waiting: this.thread.waiting.filter((one) => one.id !== id) };
    this.#changed();
  }

  /** The visitor writes something. */
  typing(): void {
    if (this.connection !== 'live' || Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.#wire.typing().catch(() => undefined);
  }

  /** The visitor has seen everything that is there. */
  read(): void {
    const news = this.unread;
    if (news.length === 0) return;
    for (const { id } of news) this.#read.add(id);
    this.#owesRead = true;
    this.#tellRead();
    this.#changed();
  }

  #tellRead(): void {
    if (!this.#owesRead || this.connection !== 'live') return;
    this.#owesRead = false;
    this.#wire.read(lastId(this.thread)).catch(() => (this.#owesRead = true));
  }

  async #follow(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted;) {
      this.#set('connecting');
      let [since, leastMs] = [Date.now(), 0];
      try {
        await this.#beSomebody();
        if (stop.aborted) return;
        await this.#wire.follow(lastId(this.thread), this.#listener, stop, () => {
          since = Date.now();
          this.#stands();
        });
      } catch (error) {
        if (stop.aborted) return;
        if (error instanceof Refused) {
          if (error.status === 401 && error.code === 'unknown_visitor') {
            if (!this.#isForgotten()) return;
          } else if (!error.mayPass) return this.#refused(error.message);
          leastMs = error.retryAfterMs;
        }
      }
      if (stop.aborted) return;
      this.typist = null;
      const stood = this.connection === 'live' && Date.now() - since > STOOD_MS;
      this.#set('offline');
      failures = stood ? 1 : failures + 1;
      await pause(Math.max(wait(failures, Math.random()), leastMs), stop);
    }
  }

  readonly #listener = {
    message: (message: Message) => {
      if (message.client_id) this.#keep.drop(message.client_id);
      if (message.direction === 'out') this.typist = null;
      this.thread = take(this.thread, message);
      this.#changed();
    },
    typing: ({ is_typing, name }: { is_typing: boolean; name: string }) => {
      this.typist = is_typing ? name : null;
      this.#changed();
    },
    read: (upTo: number) => {
      this.readByCompany = Math.max(this.readByCompany, upTo);
      this.#changed();
    },
  };

  #stands(): void {
    this.#set('live');
    this.#wake.abort();
    this.#wake = new AbortController();
    this.#tellRead();
    void this.#send();
  }

  /** Makes the visitor known to the server if need be: once, however many pages of the site are open. */
  async #beSomebody(): Promise<void> {
    const begin = async () => {
      // Another page may have begun meanwhile.
      this.#become(this.#keep.get('token'));
      if (this.#wire.token && !this.#identity) return;
      const [identity, answers] = [this.#identity, this.#keep.get('answers')];
      const browser = this.#browser();
      const who = {
        ...(identity ? { identity } : {}),
        ...(answers ? { answers: JSON.parse(answers) } : {}),
        ...(browser ? { anonymous_id: browser } : {}),
      };
      const { token } = await this.#wire.begin(who);
      this.#keep.set('token', token);
      this.#become(token);
      this.#identity = null;
    };
    const locks = globalThis.navigator?.locks;
    await (locks ? locks.request(this.#keep.start, begin) : begin());
  }

  /** Sends what waits, one after the other. */
  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    let failures = 0;
    for (let one = next(this.thread); one && this.#wire.token && this.#line; one = next(this.thread)) {
      try {
        await this.#sendOne(one);
        failures = 0;
      } catch (error) {
        const isRefused = error instanceof Refused;
        if (isRefused && error.code === 'unknown_visitor') {
          // A new line finds out what is to be done about it.
          this.rest();
          this.live();
          break;
        }
        if (isRefused && !error.mayPass) this.#mark(one.id, { refused: error.message });
        else {
          // A line can look as if it stood long after it was cut.
          if (!isRefused && this.connection === 'live') {
            this.rest();
            this.live();
          }
          failures += 1;
          const leastMs = isRefused ? error.retryAfterMs : 0;
          await pause(Math.max(wait(failures, Math.random()), leastMs), this.#wake.signal);
        }
      }
    }
    this.#isSending = false;
  }

  async #sendOne({ id, body, file, attachments }: Waiting): Promise<void> {
    if (file && attachments.length === 0) {
      attachments = [await this.#wire.upload(file)];
      this.#mark(id, { attachments });
    }
    await this.#wire.send({ id, body, attachments: attachments.map(({ token }) => token) });
    this.#mark(id, { isSent: true });
    this.#keep.drop(id);
  }

  /** The server knows the token no more. Gives whether there is a reason to begin anew. */
  #isForgotten(): boolean {
    if (this.#keep.get('token') === this.#wire.token) this.#keep.set('token', null);
    this.#become(null);
    if (next(this.thread) || this.#identity || this.#keep.get('token')) return true;
    this.#line = null;
    this.#set('idle');
    return false;
  }

  #refused(why: string): void {
    this.refusal = why;
    for (const { id, isSent } of this.thread.waiting) if (!isSent) this.#mark(id, { refused: why });
    this.#set('refused');
  }

  /** Another visitor: what was said to the one before must not stand here. What this one sees comes with the next line. */
  #become(token: string | null): void {
    const before = this.#wire.token;
    if (before === token) return;
    this.#wire.token = token;
    if (before === null) return;
    this.thread = { messages: [], waiting: this.thread.waiting.filter((one) => !one.isSent) };
    this.readByCompany = 0;
    this.#changed();
  }

  /** Another page of the site has changed what is kept. */
  readonly #elsewhere = ({ key }: StorageEvent): void => {
    if (!this.#keep.isOurs(key)) return;
    this.thread = adopt(this.thread, this.#keep.waiting());
    const token = this.#keep.get('token');
    if (token !== this.#wire.token) {
      this.rest();
      this.#become(token);
      if (token) this.live();
      else this.#set('idle');
    }
    this.#changed();
  };

  #mark(id: string, known: Partial<Waiting>): void {
    this.thread = change(this.thread, id, known);
    const one = this.thread.waiting.find((waiting) => waiting.id === id);
    if (one) this.#keep.put(one);
    this.#changed();
  }

  #set(connection: Connection): void {
    this.connection = connection;
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
