/** What all who tell events have in common: who did it, and the phrases that come back. */
import type { components } from '../api/schema';
import { m } from '../paraglide/messages';
import { hourMinute, shortDay } from '../time';
import { formatLocale } from '../words';
import { reasonWords, type Reason } from './reason';

export type TimelineEvent = components['schemas']['TimelineEvent'];
export type Kind = TimelineEvent['kind'];
/** An event of one kind. */
export type Of<K extends Kind> = Extract<TimelineEvent, { kind: K }>;
/** How each kind is told. */
export type Telling = { [K in Kind]: (event: Of<K>, who: string) => string };

type Actor = TimelineEvent['actor'];
const STANDS_FOR: Record<Actor['kind'], () => string> = {
  customer: m.actor_customer,
  user: m.actor_user,
  flow: m.actor_flow,
  system: () => 'Rapport',
  partner: m.actor_partner,
  api: m.actor_api,
};

/** Who did it: the name, or what stands for one. */
export function whoWords(actor: Actor): string {
  if (!actor.name) return STANDS_FOR[actor.kind]();
  return actor.kind === 'flow' ? m.actor_flow_named({ name: actor.name }) : actor.name;
}

/** A sentence with its reason, where there is one. */
export function because(told: string, reason: Reason | string): string {
  const words = reasonWords(reason);
  return words ? m.event_because({ told, because: words }) : told;
}

export const moment = (at: string): string =>
  `${shortDay(at, Date.now(), formatLocale())}, ${hourMinute(at, formatLocale())}`;

/** A text in one line, short enough to be read in passing. */
export function line(text: string): string {
  const flat = text.trim().replace(/\s+/g, ' ');
  return flat.length > 160 ? `${[...flat].slice(0, 160).join('')}…` : flat;
}

const FIELDS: Record<string, () => string> = {
  name: m.field_name,
  locale: m.field_locale,
  time_zone: m.field_time_zone,
  role: m.field_role,
  availability: m.field_availability,
};

/** What became what. A trait is called as whoever made it called it. */
export function changes(list: components['schemas']['FieldChange'][]): string {
  const told = list.map(({ what, from, to }) => {
    const field = FIELDS[what]?.() ?? what.replaceAll('_', ' ');
    if (!to) return m.event_change_taken({ what: field });
    if (!from) return m.event_change_set({ what: field, to: line(to) });
    return m.event_change({ what: field, from: line(from), to: line(to) });
  });
  return told.join(', ');
}
