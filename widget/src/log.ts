/** The log of a chat. What has not changed stays as it is, so that neither the focus nor what is being read goes away. */
import type { Chat } from './client';
import { h } from './dom';
import { pieces, type Item, type Said } from './items';
import { pictureOf } from './picture';
import { fill, type Texts } from './texts';
import type { Attachment } from './wire';

const CLOCK: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
/** So near to its end, the log follows what comes. */
const NEAR = 48;

export class Log {
  readonly element: HTMLElement;
  /** Leads to what has come below of what is shown. */
  readonly below: HTMLButtonElement;
  #shown = new Map<string, { sign: string; element: HTMLElement }>();

  constructor(
    readonly chat: Chat,
    readonly texts: Texts,
    readonly language: string,
    /** Where the focus goes when what had it is gone. */
    readonly home: () => void,
  ) {
    // It is not live: what comes is told once, in words of its own, not with every change of a mark.
    const props = { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'off', 'aria-label': texts.log };
    this.element = h('div', { ...props, scroll: () => this.#isAtEnd() && (this.below.hidden = true) });
    const click = () => this.toEnd();
    this.below = h('button', { class: 'below', type: 'button', hidden: true, click }, texts.below);
  }

  show(items: Item[]): void {
    const [wasAtEnd, before] = [this.#isAtEnd(), this.#shown];
    const hasNew = items.some(({ key, kind }) => kind === 'said' && !before.has(key));
    this.#shown = new Map();
    for (const item of items) {
      const [sign, known] = [JSON.stringify(item), before.get(item.key)];
      const element = known?.sign === sign ? known.element : this.#make(item);
      this.#shown.set(item.key, { sign, element });
    }
    const elements = [...this.#shown.values()].map(({ element }) => element);
    for (const child of [...this.element.children]) {
      if (!elements.includes(child as HTMLElement)) child.remove();
    }
    elements.forEach((element, at) => {
      const there = this.element.children[at];
      if (there !== element) this.element.insertBefore(element, there ?? null);
    });
    const last = items.findLast(({ kind }) => kind === 'said') as Said | undefined;
    if (wasAtEnd || (hasNew && last?.isOwn)) this.toEnd();
    else if (hasNew) this.below.hidden = false;
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
    this.below.hidden = true;
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #make(item: Item): HTMLElement {
    if (item.kind === 'day') {
      return h('div', { class: 'day' }, new Date(item.at).toLocaleDateString(this.language, DAY));
    }
    if (item.kind === 'said') return this.#said(item);
    const press = (text: string) => () => {
      this.home();
      this.chat.send(text);
    };
    const buttons = item.choices.map(({ label, text }) =>
      h('button', { type: 'button', dir: 'auto', click: press(text) }, label),
    );
    return h('div', { class: 'choices', role: 'group', 'aria-label': this.texts.choices }, ...buttons);
  }

  #said(item: Said): HTMLElement {
    const time = new Date(item.at);
    const clock = time.toLocaleTimeString(this.language, CLOCK);
    // A greeting is of no time.
    const whoAndWhen = [h('bdi', {}, item.who), ...(item.at ? [' · ', h('bdi', {}, clock)] : [])];
    const title = item.at ? time.toLocaleString(this.language) : null;
    const words = pieces(item.body).map(({ words, isLink }) =>
      isLink ? h('a', { href: words, target: '_blank', rel: 'noopener noreferrer' }, words) : words,
    );
    return h(
      'div',
      { class: item.isOwn ? 'said own' : 'said' },
      item.who ? h('span', { class: 'who' }, ...whoAndWhen) : null,
      // Who listens hears whose words these are, also where eyes see it from the side on which they stand.
      item.isOwn ? h('span', { class: 'silent' }, `${this.texts.you}: `) : null,
      words.length > 0 ? h('div', { class: 'words', title }, h('div', { dir: 'auto' }, ...words)) : null,
      ...item.files.map((file) => this.#file(file)),
      item.uploading ? h('div', { class: 'file' }, item.uploading) : null,
      item.mark ? this.#mark(item, clock) : null,
    );
  }

  #file({ url, name, content_type, token }: Attachment): HTMLElement {
    const href = this.chat.address(url);
    const link = h(
      'a',
      { class: 'file', href, target: '_blank', rel: 'noopener' },
      h('span', {}, name || url),
    );
    if (/^image\/(png|jpeg|gif|webp|avif)$/.test(content_type)) {
      const isAtEnd = () => this.#isAtEnd();
      void pictureOf(token, href).then((picture) => {
        if (!picture) return;
        const wasAtEnd = isAtEnd();
        link.prepend(picture);
        link.classList.add('pictured');
        if (wasAtEnd) this.toEnd();
      });
    }
    return link;
  }

  #mark({ key, mark, why }: Said, clock: string): HTMLElement {
    const { texts, chat } = this;
    if (mark !== 'failed') {
      const isThere = mark === 'sent' || mark === 'read';
      return h(
        'span',
        { class: 'mark' },
        ...(isThere ? [h('bdi', {}, clock), ' · ', texts[mark]] : [texts[mark!]]),
      );
    }
    const then = (act: (id: string) => void) => () => {
      this.home();
      act.call(chat, key);
    };
    return h(
      'span',
      { class: 'mark bad' },
      fill(texts.failed, { why }),
      h('button', { type: 'button', click: then(chat.again) }, texts.again),
      h('button', { type: 'button', click: then(chat.discard) }, texts.discard),
    );
  }
}
