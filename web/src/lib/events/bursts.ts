/**
 * Events that belong together, as one line that can be opened: a menu with all it said, a message with what became of it.
 * Nothing that was recorded is left out, and what a person must see stands alone. Pure.
 */
import type { ThreadItem } from '../api/types';
import type { Kind, TimelineEvent } from './telling';

export type Line = {
  key: string;
  at: string;
  /** The event that tells the line. */
  head: TimelineEvent;
  /** All of them, oldest first, the head among them. */
  events: TimelineEvent[];
  /** How many lines that say much the same it stands for. */
  alike?: number;
};

/** Stand alone wherever they happen: somebody asked for something, changed their mind, or something failed. */
export const ALONE = new Set<Kind>([
  'conversation_opened',
  'request_filed',
  'request_changed',
  'consent_changed',
  'consent_review_asked',
  'survey_answered',
  'survey_commented',
  'flow_failed',
]);
const TROUBLE = ['undelivered', 'failed', 'unconfirmed', 'refused'];
const inMenu = (event: TimelineEvent) => ['customer', 'flow', 'system'].includes(event.actor.kind);

type Menu = { line: Line; ended: boolean };

/** Gathers events, oldest first, into lines in the same order. A line stands where its head does. */
export function bursts(events: TimelineEvent[]): Line[] {
  const lines: Line[] = [];
  const menus = new Map<number, Menu>();
  const byMessage = new Map<number, Line>();
  const alone = (event: TimelineEvent): Line => {
    const line = { key: `e${event.id}`, at: event.at, head: event, events: [event] };
    lines.push(line);
    return line;
  };
  const join = (line: Line, event: TimelineEvent): Line => {
    line.events.push(event);
    return line;
  };
  for (const event of events) {
    const menu = menus.get(event.conversation_id ?? 0);
    if (event.kind === 'flow_started') {
      menus.set(event.conversation_id ?? 0, { line: alone(event), ended: false });
    } else if (event.kind === 'message_status_changed') {
      const line = byMessage.get(event.data.message);
      if (!line || TROUBLE.includes(event.data.status)) alone(event);
      else join(line, event);
    } else if (menu && belongs(event, menu)) {
      lead(lines, join(menu.line, event), event);
      if (event.kind === 'flow_ended') menu.ended = true;
      if (isMessage(event)) byMessage.set(event.data.message, menu.line);
    } else {
      const line = alone(event);
      if (isMessage(event)) byMessage.set(event.data.message, line);
    }
  }
  return lines;
}

const isMessage = (event: TimelineEvent) =>
  event.kind === 'message_queued' || event.kind === 'message_received';

/** While it runs, all that is not a person's; once it has ended, what it still does itself. */
function belongs(event: TimelineEvent, menu: Menu): boolean {
  if (ALONE.has(event.kind) || !inMenu(event)) return false;
  return !menu.ended || event.actor.kind === 'flow';
}

/** What a menu came to tells its line, and the line moves to where that happened. */
function lead(lines: Line[], line: Line, event: TimelineEvent): void {
  const over = event.kind === 'flow_ended' && event.data.because !== 'handed_off';
  if (over || event.kind === 'handed_off') line.head = event;
  line.key = `e${event.id}`;
  line.at = event.at;
  lines.splice(lines.indexOf(line), 1);
  lines.push(line);
}

export type Shown =
  Exclude<ThreadItem, { type: 'event' }> | { type: 'line'; key: string; at: string; line: Line };

/** A thread with its events gathered; each line stands where the last of its events stood. */
export function fold(items: ThreadItem[]): Shown[] {
  const events = items.flatMap((item) => (item.type === 'event' ? [item.event] : []));
  const ends = new Map(bursts(events).map((line) => [line.events.at(-1)!.id, line]));
  return items.flatMap((item): Shown[] => {
    if (item.type !== 'event') return [item];
    const line = ends.get(item.event.id);
    return line ? [{ type: 'line', key: item.key, at: item.at, line }] : [];
  });
}
