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

/** Judges for a saved view; null when only the server can tell, because words are searched for. */
export function savedJudge(filter: ViewFilter, me: number | undefined): Judge | null {
  if (filter.text) return null;
  const status = filter.status ?? (filter.waiting ? 'open' : undefined);
  const assignee = filter.assignee === 'me' ? me : filter.assignee === 'nobody' ? null : filter.assignee;
  return (one) =>
    (status ? one.status === status : one.status !== 'merged') &&
    (filter.waiting === undefined || (one.waiting_since !== null) === filter.waiting) &&
    (assignee === undefined || (one.assignee?.id ?? null) === assignee) &&
    (filter.team_id === undefined || one.team?.id === filter.team_id) &&
    (filter.channel_id === undefined || one.channel.id === filter.channel_id) &&
    (filter.tag === undefined || one.tags.includes(filter.tag));
}
