/** What was said, and what still waits to be: put together by the ids, so that nothing is shown twice. Pure. */
import type { Attachment, Choice, Message } from './wire';

/** What the visitor has written and has not come back from the server yet. */
export type Waiting = {
  /** Its own id: the same twice is the same message. */
  id: string;
  body: string;
  attachments: Attachment[];
  /** A file that must be uploaded first. */
  file?: File;
  /** When it was written, in milliseconds: no two have the same. */
  at: number;
  /** The server has it on disk, and it has not come back by the stream yet. */
  isSent: boolean;
  /** Why the server does not take it; such a message waits for the visitor's word. */
  refused: string | null;
};

export type Thread = { messages: Message[]; waiting: Waiting[] };

export const EMPTY: Thread = { messages: [], waiting: [] };

/** Takes in a message, new or changed: by its own id, and in place of what waited under the id that the sender gave it. */
export function take({ messages, waiting }: Thread, message: Message): Thread {
  const others = messages.filter((one) => one.id !== message.id);
  return {
    messages: [...others, message].sort((one, other) => one.id - other.id),
    waiting: waiting.filter((one) => one.id !== message.client_id),
  };
}

/** Puts what is known of something that waits in place of what was known. */
export const change = ({ messages, waiting }: Thread, id: string, known: Partial<Waiting>): Thread => ({
  messages,
  waiting: waiting.map((one) => (one.id === id ? { ...one, ...known } : one)),
});

/**
 * Takes in what is kept, which another page of the site may have changed. What this page has sent waits here for the stream, and a file
 * that must still be uploaded is nowhere else; what has come back meanwhile waits no more.
 */
export function adopt({ messages, waiting }: Thread, kept: Waiting[]): Thread {
  const here = new Map(waiting.map((one) => [one.id, one]));
  const ids = new Set(kept.map(({ id }) => id));
  const back = new Set(messages.map((one) => one.client_id));
  const only = waiting.filter(
    (one) => !ids.has(one.id) && (one.isSent || (one.file && !one.attachments.length)),
  );
  const both = kept.map((one) => ({
    ...here.get(one.id),
    ...one,
    isSent: here.get(one.id)?.isSent ?? false,
  }));
  const all = [...only, ...both].filter(({ id }) => !back.has(id));
  return { messages, waiting: all.sort((one, other) => one.at - other.at) };
}

/** What is to be sent next: in the order in which it was written. */
export const next = ({ waiting }: Thread): Waiting | null =>
  waiting.find((one) => one.refused === null && !one.isSent) ?? null;

export const lastId = ({ messages }: Thread): number => messages.at(-1)?.id ?? 0;

/** The company's messages that nobody has read, neither here nor, as the server knows, elsewhere. */
export const unread = ({ messages }: Thread, read: ReadonlySet<number>): Message[] =>
  messages.filter((one) => one.direction === 'out' && one.status !== 'read' && !read.has(one.id));

/** The buttons that can be pressed: those of the last message, unless the visitor has said something since. */
export function openChoices({ messages, waiting }: Thread): Choice[] {
  const last = messages.at(-1);
  return last?.direction === 'out' && waiting.length === 0 ? last.choices : [];
}
