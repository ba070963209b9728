/** What the chat says by itself, by language. A page can say any of it in its own words: `data-text-open="Ask us"`. */

const EN = {
  open: 'Chat with us',
  openUnread: 'Chat with us, {count} unread',
  close: 'Close the chat',
  here: 'We are here',
  closed: 'Away right now',
  log: 'Conversation',
  you: 'You',
  write: 'Write a message',
  send: 'Send',
  attach: 'Attach a file',
  choices: 'Answers to choose from',
  below: 'New messages',
  typing: '{name} is writing',
  someone: 'Somebody',
  waiting: 'Waiting for the connection',
  sending: 'Sending',
  sent: 'Sent',
  read: 'Read',
  failed: 'Not sent: {why}',
  again: 'Try again',
  discard: 'Discard',
  offline: 'No connection. What you write is sent as soon as there is one.',
  away: 'Nobody is here right now. Write to us, and the answer will stand here.',
  verified: 'Please sign in to chat with us.',
  refused: 'The chat cannot begin: {why}',
  begin: 'Start the chat',
  optional: '{label} (optional)',
  loadFailed: 'The chat cannot be reached. Try again',
  tooLarge: 'This file is too large: at most 25 MB.',
};

export type Texts = typeof EN;

const DE: Texts = {
  open: 'Chat öffnen',
  openUnread: 'Chat öffnen, {count} ungelesen',
  close: 'Chat schließen',
  here: 'Wir sind da',
  closed: 'Gerade nicht da',
  log: 'Gespräch',
  you: 'Sie',
  write: 'Nachricht schreiben',
  send: 'Senden',
  attach: 'Datei anhängen',
  choices: 'Antworten zur Auswahl',
  below: 'Neue Nachrichten',
  typing: '{name} schreibt',
  someone: 'Jemand',
  waiting: 'Wartet auf die Verbindung',
  sending: 'Wird gesendet',
  sent: 'Gesendet',
  read: 'Gelesen',
  failed: 'Nicht gesendet: {why}',
  again: 'Noch einmal',
  discard: 'Verwerfen',
  offline: 'Keine Verbindung. Was Sie schreiben, wird gesendet, sobald es wieder eine gibt.',
  away: 'Gerade ist niemand da. Schreiben Sie uns, die Antwort steht dann hier.',
  verified: 'Bitte melden Sie sich an, um mit uns zu chatten.',
  refused: 'Der Chat kann nicht beginnen: {why}',
  begin: 'Chat beginnen',
  optional: '{label} (freiwillig)',
  loadFailed: 'Der Chat ist nicht erreichbar. Noch einmal versuchen',
  tooLarge: 'Diese Datei ist zu groß: höchstens 25 MB.',
};

const FROM_RIGHT = ['ar', 'arc', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi'];

const base = (lang: string): string => lang.toLowerCase().split(/[-_]/)[0] ?? '';

/** The texts of a language, with a page's own words over them; English where the language is not known. */
export function textsOf(lang: string, own: Record<string, string | undefined> = {}): Texts {
  const texts = { ...(base(lang) === 'de' ? DE : EN) };
  for (const name of Object.keys(texts) as (keyof Texts)[]) {
    texts[name] = own[`text${name[0]!.toUpperCase()}${name.slice(1)}`] ?? texts[name];
  }
  return texts;
}

/** A language that browsers can write days and times in; English where somebody has made one up. */
export function languageOf(lang: string): string {
  try {
    return Intl.getCanonicalLocales(lang.replace('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}

export const directionOf = (lang: string): 'ltr' | 'rtl' => (FROM_RIGHT.includes(base(lang)) ? 'rtl' : 'ltr');

/** Puts values into a text: `{name}`. */
export const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
