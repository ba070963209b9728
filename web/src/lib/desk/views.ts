/** The views of the inbox, as the address bar and the API name them. */
import { m } from '../paraglide/messages';
import type { Query } from '../api/routes';
import type { Counts } from '../api/types';
import type { Sort } from './merge';

export const STANDARD = ['waiting', 'mine', 'unassigned', 'all', 'automated', 'snoozed', 'closed'] as const;
export type Standard = (typeof STANDARD)[number];
/** What the inbox lists; `text` is whatever has these words in it, in any state. */
export type ViewSpec = { view: Standard } | { team: number } | { saved: number } | { text: string };

const NAMES: Record<Standard, () => string> = {
  mine: m.view_mine,
  waiting: m.view_waiting,
  unassigned: m.view_unassigned,
  all: m.view_all,
  automated: m.view_automated,
  snoozed: m.view_snoozed,
  closed: m.view_closed,
};
export const standardName = (view: Standard): string => NAMES[view]();

/** How many stand in a view; the closed ones are not counted. */
export const countIn = (counts: Counts | null, view: Standard): number | undefined =>
  view === 'closed' ? undefined : counts?.[view];

/** Reads the view from the address; without one it is `waiting`, or the one looked at last. */
export function readView(search: URLSearchParams, last: string | null = null): ViewSpec {
  const from = (params: URLSearchParams): ViewSpec | null => {
    const view = params.get('view') as Standard | null;
    const [team, saved] = [Number(params.get('team')), Number(params.get('saved'))];
    if (team > 0) return { team };
    if (saved > 0) return { saved };
    const text = params.get('text')?.trim();
    if (text) return { text };
    return view && STANDARD.includes(view) ? { view } : null;
  };
  return from(search) ?? from(new URLSearchParams(last ?? '')) ?? { view: 'waiting' };
}

/** The view as it stands in the address: `view=mine`, `team=3`, `saved=4`, `text=late%20arrival`. */
export function viewParams(view: ViewSpec): string {
  const [[name, value]] = Object.entries(view) as [[string, string | number]];
  return `${name}=${encodeURIComponent(value)}`;
}

export function viewQuery(view: ViewSpec, sort: Sort): Query<'/conversations'> {
  if ('view' in view) return { view: view.view, sort };
  if ('team' in view) return { view: 'all', team: view.team, sort };
  if ('text' in view) return { text: view.text, sort };
  return { saved: view.saved, sort };
}

/** Closed and snoozed conversations wait for nobody: newest first is the order that means something. */
export const defaultSort = (view: ViewSpec): Sort =>
  'text' in view || ('view' in view && (view.view === 'closed' || view.view === 'automated'))
    ? 'newest'
    : 'waiting';
