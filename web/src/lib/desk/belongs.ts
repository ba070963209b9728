/** Whether a conversation stands in a view, as the server decides it. Pure. */
import type { Conversation, ViewFilter } from '../api/types';
import type { Standard } from './views';

export type Judge = (conversation: Conversation) => boolean;

const isOpen: Judge = (one) => one.status === 'open';

/** Judges for the standard views. */
export function standardJudge(view: Standard, me: number | undefined): Judge {
  switch (view) {
    case 'mine':
      return (one) => isOpen(one) && !one.automated && one.assignee?.id === me;
    case 'unassigned':
      return (one) => isOpen(one) && !one.automated && one.assignee === null;
    case 'waiting':
      return (one) => isOpen(one) && one.waiting_since !== null;
    case 'all':
      return isOpen;
    case 'automated':
      return (one) => isOpen(one) && one.automated;
    case 'snoozed':
      return (one) => one.status === 'snoozed';
    case 'closed':
      return (one) => one.status === 'closed';
  }
}

export const teamJudge =
  (team: number): Judge =>
  (one) =>
    isOpen(one) && one.team?.id === team;

/** What a filter leaves out does not narrow. */
const fits = <T>(wish: T | null | undefined, is: T): boolean => (wish ?? is) === is;

/** Judges for a saved view; null when only the server can tell, because words are searched for. */
export function savedJudge(filter: ViewFilter, me: number | undefined): Judge | null {
  if (filter.text) return null;
  const status = filter.status ?? (filter.waiting ? 'open' : undefined);
  const wish = filter.assignee ?? undefined;
  const assignee = wish === 'me' ? me : wish === 'nobody' ? null : wish;
  return (one) =>
    (status ? one.status === status : one.status !== 'merged') &&
    fits(filter.waiting, one.waiting_since !== null) &&
    (assignee === undefined || (one.assignee?.id ?? null) === assignee) &&
    fits(filter.team_id, one.team?.id ?? null) &&
    fits(filter.channel_id, one.channel.id) &&
    (!filter.tag || one.tags.includes(filter.tag));
}
