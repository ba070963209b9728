/**
 * Stands in a company's page: draws the button, and fetches the chat when somebody wants it, or when there is a conversation already.
 *
 * `<script src="https://desk.example/widget.js" data-channel="3" async></script>`; widget/README.md names the other settings.
 */
import type { Setting, View } from './app';
import { ink, isColour, readable } from './contrast';
import { dress, h, icon, ICONS } from './dom';
import { Keep, pageStorage } from './keep';
import { BUTTON } from './look';
import { tellPages } from './pages';
import { directionOf, fill, languageOf, textsOf } from './texts';
import type { About } from './wire';

const script = (document.currentScript ??
  document.querySelector('script[data-channel][src*="/widget.js"]')) as HTMLScriptElement;
const { channel = '', lang, identity, theme = 'auto', side = 'end', open } = script.dataset;
const server = new URL('.', script.src).href.replace(/\/$/, '');
const language = languageOf(lang || document.documentElement.lang || navigator.language);
const texts = textsOf(language, script.dataset);

const host = document.createElement('rapport-chat');
host.dataset.theme = theme;
host.dataset.side = side;
const root = host.attachShadow({ mode: 'open' });
const count = h('span', { class: 'count', hidden: true });
const click = () => void act((view) => view.toggle());
const button = h('button', { class: 'launcher', type: 'button', 'aria-expanded': 'false', click }, count);
button.prepend(icon(ICONS.chat), icon(ICONS.down));
const label = (words: string) => button.setAttribute('aria-label', words);
label(texts.open);
const frame = h('div', { dir: directionOf(language), lang: language }, button);
root.append(frame);

const setting: Setting = {
  server,
  channel,
  language,
  texts,
  frame,
  button,
  root,
  about: null,
  identity,
  badge(unread: number) {
    count.hidden = unread === 0;
    count.textContent = unread > 99 ? '99+' : String(unread);
    label(unread > 0 ? fill(texts.openUnread, { count: String(unread) }) : texts.open);
  },
};

let loading: Promise<View> | null = null;
const load = (): Promise<View> =>
  (loading ??= import(`${server}/widget/app.js`)
    .then((app: typeof import('./app')) => app.mount(setting))
    .catch((error) => {
      loading = null;
      throw error;
    }));

async function act(what: (view: View) => void): Promise<void> {
  frame.toggleAttribute('data-busy', true);
  try {
    what(await load());
  } catch {
    label(texts.loadFailed);
  } finally {
    frame.toggleAttribute('data-busy', false);
  }
}

/** Asks what the chat is like, and stands there if there is something to stand there for. */
async function begin(): Promise<void> {
  const answer = await fetch(`${server}/chat/${encodeURIComponent(channel)}`, { credentials: 'omit' });
  if (!answer.ok) return;
  const about: About = await answer.json();
  setting.about = about;
  if (about.pages_key) tellPages(server, about.pages_key);
  const keep = new Keep(pageStorage(), server, channel);
  const isKnown = keep.get('token') !== null || identity !== undefined;
  if (about.hides_when_closed && !about.is_open && !isKnown) return;
  dress(root, BUTTON);
  const { colour } = about;
  if (isColour(colour)) {
    const words = `light-dark(${readable(colour, '#ffffff')}, ${readable(colour, '#1b1b1a')})`;
    dress(root, `:host { --accent: ${colour}; --on-accent: ${ink(colour)}; --accent-ink: ${words} }`);
  }
  document.body.append(host);
  // Who has written before is told when an answer comes, and what they wrote without a connection leaves.
  if (isKnown || keep.waiting().length > 0) await load();
  if (open !== undefined) await handle.open();
}

/** What a page can do with its chat. */
const handle = {
  open: () => act((view) => view.open()),
  close: () => act((view) => view.close()),
  /** The visitor has signed in: a token in which the company says who they are. */
  identify: (token: string) => act((view) => view.identify(token)),
  /** The visitor has signed out: the next one here must not see what was said. */
  forget: () => act((view) => view.forget()),
};
// A page that changes without being loaded anew may run this again.
const page = window as { RapportChat?: typeof handle };
if (!page.RapportChat) {
  page.RapportChat = handle;
  const start = () => void begin().catch(() => undefined);
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start);
}
