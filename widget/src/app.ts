/** The chat itself: fetched by the loader when somebody wants it. Here is the dialog; the log, what is asked and the protocol are beside. */
import { open, type Chat } from './client';
import { dress, h, icon, ICONS } from './dom';
import { itemsOf } from './items';
import { Log } from './log';
import { PANEL } from './look';
import { browserId } from './pages';
import { ask } from './questions';
import { fill, type Texts } from './texts';
import type { About } from './wire';

export type Setting = {
  server: string;
  channel: string;
  language: string;
  texts: Texts;
  frame: HTMLElement;
  button: HTMLButtonElement;
  root: ShadowRoot;
  about: About | null;
  /** A token in which the company says who the visitor is. */
  identity: string | undefined;
  /** Says on the button how much is unread. */
  badge: (unread: number) => void;
};

export type View = Pick<Panel, 'open' | 'close' | 'toggle' | 'identify' | 'forget'>;

const MAX_FILE = 25 * 1024 * 1024;
/** A cut that heals at once is not worth a word. */
const GRACE_MS = 2_500;
/** A page that nobody looks at lets go of its line, so that many open pages are not many lines. */
const HIDDEN_MS = 60_000;
const FRESH_MS = 60_000;
/** As in the style: here the chat takes the whole screen, and keeps the focus. */
const narrow = matchMedia('(max-width: 480px)');
/** Fingers: a keyboard on the screen should not jump up by itself, and its Enter ends a line. */
const isTouched = () => matchMedia('(pointer: coarse)').matches;

export async function mount(setting: Setting): Promise<View> {
  const chat = open(setting.channel, { ...setting, browser: browserId });
  return new Panel(setting, chat, setting.about ?? (await chat.about()));
}

class Panel {
  readonly #panel: HTMLElement;
  readonly #log: Log;
  readonly #words: HTMLTextAreaElement;
  readonly #form: HTMLFormElement;
  readonly #state = h('span', { class: 'state' });
  readonly #note = h('p', { class: 'note', role: 'status', hidden: true });
  readonly #news = h('p', { class: 'silent', 'aria-live': 'polite' });
  readonly #typist = h('p', { class: 'typist', hidden: true });
  #questions: HTMLFormElement | null = null;
  /** A word about what the visitor just did, until they do something else. */
  #word = '';
  #toldAt = Date.now();
  #cutAt = 0;
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #drawing = 0;

  constructor(
    readonly setting: Setting,
    readonly chat: Chat,
    public about: About,
  ) {
    const { texts, language, root, frame } = setting;
    this.#log = new Log(chat, texts, language, () => this.#focus());
    this.#words = this.#field();
    this.#form = this.#composer();
    this.#panel = this.#dialog();
    dress(root, PANEL);
    frame.append(this.#panel, this.#news);
    document.addEventListener('visibilitychange', this.#seen);
    narrow.addEventListener('change', () => this.#fit());
    visualViewport?.addEventListener('resize', () => this.#fit());
    chat.watch(() => this.#soon());
    this.#draw();
    if (chat.isKnown || chat.thread.waiting.length > 0) chat.live();
  }

  get #isOpen(): boolean {
    return !this.#panel.hidden;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#panel.hidden = false;
    this.setting.button.setAttribute('aria-expanded', 'true');
    this.#fit();
    this.#draw();
    this.#grow();
    this.#log.toEnd();
    this.#focus();
    if (Date.now() - this.#toldAt > FRESH_MS) void this.#ask();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#panel.hidden = true;
    this.setting.button.setAttribute('aria-expanded', 'false');
    this.setting.button.focus();
  }

  toggle = (): void => (this.#isOpen ? this.close() : this.open());
  identify = (token: string): void => this.chat.identify(token);
  forget(): void {
    this.#words.value = '';
    this.chat.forget();
    this.close();
  }

  #dialog(): HTMLElement {
    const { texts } = this.setting;
    const { company, name, texts: own } = this.about;
    const title = own.title || company || name;
    const click = () => this.close();
    const close = h('button', { type: 'button', 'aria-label': texts.close, click }, icon(ICONS.close));
    const face = h('span', { class: 'face', 'aria-hidden': 'true' }, [...title][0]?.toUpperCase() ?? '');
    const heading = h('div', { class: 'title' }, h('h2', { id: 'title' }, h('bdi', {}, title)), this.#state);
    return h(
      'section',
      {
        class: 'panel',
        role: 'dialog',
        'aria-labelledby': 'title',
        tabindex: '-1',
        hidden: true,
        keydown: (event) => this.#key(event as KeyboardEvent),
      },
      h('header', {}, face, heading, close),
      this.#note,
      this.#log.element,
      this.#log.below,
      this.#typist,
      this.#form,
    );
  }

  #field(): HTMLTextAreaElement {
    const { texts } = this.setting;
    const words = h('textarea', {
      rows: '1',
      dir: 'auto',
      'aria-label': texts.write,
      placeholder: texts.write,
      maxlength: '20000',
      input: () => {
        this.chat.draft = words.value;
        this.#word = '';
        this.#grow();
        this.chat.typing();
      },
      keydown: (event) => {
        const { key, shiftKey, isComposing } = event as KeyboardEvent;
        if (key !== 'Enter' || shiftKey || isComposing || isTouched()) return;
        event.preventDefault();
        this.#send();
      },
      paste: (event) => {
        const files = [...((event as ClipboardEvent).clipboardData?.files ?? [])];
        if (files.length > 0) event.preventDefault();
        for (const file of files) this.#attach(file);
      },
    });
    words.value = this.chat.draft;
    return words;
  }

  #composer(): HTMLFormElement {
    const { texts } = this.setting;
    const change = () => {
      for (const one of file.files ?? []) this.#attach(one);
      file.value = '';
      this.#focus();
    };
    const file = h('input', {
      type: 'file',
      'aria-label': texts.attach,
      title: texts.attach,
      multiple: true,
      change,
    });
    const submit = (event: Event) => {
      event.preventDefault();
      this.#send();
    };
    const send = h(
      'button',
      { type: 'submit', 'aria-label': texts.send, title: texts.send },
      icon(ICONS.send),
    );
    return h(
      'form',
      { class: 'composer', submit },
      h('label', {}, icon(ICONS.attach), file),
      this.#words,
      send,
    );
  }

  #send(): void {
    this.#word = '';
    const body = this.#words.value;
    this.#words.value = this.chat.draft = '';
    this.chat.send(body);
    this.#grow();
    this.#words.focus();
  }

  #attach(file: File): void {
    this.#word = file.size > MAX_FILE ? this.setting.texts.tooLarge : '';
    if (this.#word) return this.#soon();
    this.chat.send('', file);
  }

  /** Lets the field be as high as its words, to a limit that the style sets. */
  #grow(): void {
    const { style } = this.#words;
    style.height = 'auto';
    style.height = `${this.#words.scrollHeight + 2}px`;
  }

  #focus(): void {
    const first = this.#questions?.querySelector('input') ?? (this.#form.hidden ? null : this.#words);
    (isTouched() ? this.#panel : (first ?? this.#panel)).focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.stopPropagation();
      return this.close();
    }
    if (event.key !== 'Tab' || !narrow.matches) return;
    const all = this.#panel.querySelectorAll<HTMLElement>('button, a[href], input, textarea, [tabindex="0"]');
    const stops = [...all].filter((one) => one.offsetParent !== null);
    const [first, last, at] = [stops[0], stops.at(-1), this.setting.root.activeElement];
    if (at !== (event.shiftKey ? first : last) && at !== this.#panel) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }

  /** On a small screen the chat is all there is, above the keyboard if that is on the screen. */
  #fit(): void {
    const view = visualViewport;
    this.#panel.setAttribute('aria-modal', String(narrow.matches));
    const isCut = narrow.matches && view && view.scale === 1;
    this.#panel.style.height = isCut ? `${view.height}px` : '';
    this.#panel.style.top = isCut ? `${view.offsetTop}px` : '';
  }

  readonly #seen = (): void => {
    clearTimeout(this.#hiding);
    const { chat } = this;
    if (document.visibilityState === 'visible') {
      if (chat.isKnown || chat.thread.waiting.length > 0) chat.live();
      return this.#soon();
    }
    this.#hiding = setTimeout(() => chat.thread.waiting.length === 0 && chat.rest(), HIDDEN_MS);
  };

  /** Hours pass while a page is open. */
  async #ask(): Promise<void> {
    this.#toldAt = Date.now();
    this.about = await this.chat.about().catch(() => this.about);
    this.#soon();
  }

  /** Draws once, however much comes at once. */
  #soon(): void {
    if (this.#drawing) return;
    this.#drawing = 1;
    queueMicrotask(() => {
      this.#drawing = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { chat, about } = this;
    const { texts, badge } = this.setting;
    this.#state.textContent = about.is_open ? texts.here : texts.closed;
    this.#state.classList.toggle('open', about.is_open);
    const note = this.#noteNow();
    if (this.#note.textContent !== note) this.#note.textContent = note;
    this.#note.hidden = note === '';
    const isBarred = about.verified_only && !chat.isKnown;
    const mustAnswer = !isBarred && !chat.isKnown && !chat.hasAnswered && about.questions.length > 0;
    this.#drawQuestions(mustAnswer);
    this.#form.hidden = mustAnswer || isBarred;
    const company = about.texts.title || about.company || about.name;
    const { greeting } = about.texts;
    const { readByCompany } = chat;
    this.#log.show(itemsOf(chat.thread, { greeting, company, readByCompany, isOffline: this.#isCut() }));
    const name = chat.typist || texts.someone;
    this.#typist.hidden = chat.typist === null;
    this.#typist.textContent = fill(texts.typing, { name });
    this.#tell();
    badge(chat.unread.length);
  }

  /** What comes while the chat is in sight is told to those who listen, and is read. */
  #tell(): void {
    const { unread } = this.chat;
    if (!this.#isOpen || document.visibilityState !== 'visible' || unread.length === 0) return;
    const words = unread.map(({ author, body, attachments }) => {
      const files = attachments.map(({ name }) => name);
      return [author.name || this.about.company, [body, ...files].filter(Boolean).join(' ')].join(': ');
    });
    this.#news.textContent = words.join('\n');
    this.chat.read();
  }

  /** Whether the line has been cut for longer than a moment. */
  #isCut(): boolean {
    const { connection } = this.chat;
    if (connection !== 'offline' && connection !== 'connecting') {
      this.#cutAt = 0;
      return false;
    }
    if (!this.#cutAt) {
      this.#cutAt = Date.now();
      setTimeout(() => this.#soon(), GRACE_MS + 50);
    }
    return !navigator.onLine || Date.now() - this.#cutAt > GRACE_MS;
  }

  #noteNow(): string {
    const { chat, about } = this;
    const { texts } = this.setting;
    if (this.#word) return this.#word;
    if (chat.connection === 'refused') return fill(texts.refused, { why: chat.refusal });
    if (this.#isCut()) return texts.offline;
    if (about.verified_only && !chat.isKnown) return texts.verified;
    return about.is_open ? '' : about.texts.away || texts.away;
  }

  #drawQuestions(mustAnswer: boolean): void {
    if (mustAnswer === (this.#questions !== null)) return;
    if (mustAnswer) {
      this.#questions = ask(this.about.questions, this.setting.texts, (answers) => {
        this.chat.answer(answers);
        this.#draw();
        this.#focus();
      });
      this.#form.before(this.#questions);
    } else {
      this.#questions?.remove();
      this.#questions = null;
    }
    this.#panel.classList.toggle('asks', mustAnswer);
  }
}
