/** What stands in the log, one below the other, out of what was said. Pure: the same thread is the same items. */
import { openChoices, type Thread } from './thread';
import type { Attachment, Choice } from './wire';

/** How far something that the visitor said has come; `failed` says why in `why`. */
export type Mark = 'sending' | 'waiting' | 'sent' | 'read' | 'failed';
export type Said = {
  kind: 'said';
  key: string;
  isOwn: boolean;
  /** Who says it; empty where it goes on from the one above. */
  who: string;
  body: string;
  files: Attachment[];
  /** The name of a file that is not uploaded yet. */
  uploading: string;
  at: number;
  mark: Mark | null;
  why: string;
};
export type Item =
  Said | { kind: 'day'; key: string; at: number } | { kind: 'choices'; key: string; choices: Choice[] };

export type Around = {
  greeting: string;
  /** Who speaks where no person does. */
  company: string;
  readByCompany: number;
  isOffline: boolean;
};

/** Who goes on after so long is named again. */
const PAUSE_MS = 10 * 60_000;
const NOTHING = { kind: 'said', who: '', files: [], uploading: '', mark: null, why: '' } as const;

export function itemsOf(thread: Thread, { greeting, company, readByCompany, isOffline }: Around): Item[] {
  const said = [...ofMessages(thread, company, readByCompany), ...ofWaiting(thread, isOffline)];
  const items: Item[] = [];
  if (greeting) {
    items.push({ ...NOTHING, key: 'greeting', isOwn: false, who: company, body: greeting, files: [], at: 0 });
  }
  let day = '';
  const isLong = said.length > 0 && dayOf(said[0]!.at) !== dayOf(said.at(-1)!.at);
  for (const one of said) {
    if (isLong && dayOf(one.at) !== day) items.push({ kind: 'day', key: dayOf(one.at), at: one.at });
    day = dayOf(one.at);
    items.push(one);
  }
  const choices = openChoices(thread);
  if (choices.length > 0) items.push({ kind: 'choices', key: 'choices', choices });
  return items;
}

function ofMessages({ messages, waiting }: Thread, company: string, readByCompany: number): Said[] {
  const last = waiting.length === 0 ? messages.findLast(({ direction }) => direction === 'in') : undefined;
  return messages.map((one, index) => {
    const [isOwn, at, before] = [one.direction === 'in', Date.parse(one.at), messages[index - 1]];
    const name = one.author.name || company;
    const goesOn =
      before?.direction === 'out' &&
      (before.author.name || company) === name &&
      at - Date.parse(before.at) < PAUSE_MS;
    return {
      ...NOTHING,
      key: one.client_id ?? String(one.id),
      isOwn,
      who: isOwn || goesOn ? '' : name,
      body: one.body,
      files: one.attachments,
      at,
      mark: one === last ? (one.id <= readByCompany ? 'read' : 'sent') : null,
    };
  });
}

function ofWaiting({ waiting }: Thread, isOffline: boolean): Said[] {
  const last = waiting.findLast(({ refused }) => refused === null);
  const markOf = (one: Thread['waiting'][0]): Mark | null => {
    if (one.refused !== null) return 'failed';
    if (one !== last) return null;
    return one.isSent ? 'sent' : isOffline ? 'waiting' : 'sending';
  };
  return waiting.map((one) => ({
    ...NOTHING,
    key: one.id,
    isOwn: true,
    body: one.body,
    files: one.attachments,
    uploading: one.attachments.length === 0 ? (one.file?.name ?? '') : '',
    at: one.at,
    mark: markOf(one),
    why: one.refused ?? '',
  }));
}

const dayOf = (at: number): string => new Date(at).toDateString();

/** A text in pieces: words, and addresses that can be followed. */
export function pieces(text: string): { words: string; isLink: boolean }[] {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}»”])/);
  return parts.map((words, index) => ({ words, isLink: index % 2 === 1 })).filter(({ words }) => words);
}
