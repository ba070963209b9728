/** The questions that pages put to the journeys. */
import { api } from '../api/client';
import type { Query } from '../api/routes';
import type { FunnelQuestion } from './types';

/** What every question is about: days, a stage, a channel, a segment of the customers. */
export type About = {
  from?: string | null;
  to?: string | null;
  stage?: number | null;
  channel?: string | null;
  segment?: number | null;
};
/** What one question says beside that. */
type Own<R extends Parameters<typeof api.get>[0]> = Omit<Query<R>, keyof About>;

export const ask = {
  map: (about: About, durations = true) => api.get('/journey/map', { ...about, durations }),
  people: (about: About, who: Own<'/journey/people'>) => api.get('/journey/people', { ...about, ...who }),
  friction: (about: About, how: Own<'/journey/friction'>) =>
    api.get('/journey/friction', { ...about, ...how }),
  demand: ({ from, to, segment }: About) => api.get('/journey/demand', { from, to, segment }),
  demandConversations: ({ from, to, segment }: About, which: Own<'/journey/demand/conversations'>) =>
    api.get('/journey/demand/conversations', { from, to, segment, ...which }),
  funnel: (about: About, how: FunnelQuestion & { breakdown: string | null }) =>
    api.get('/journey/funnel', { ...about, ...how }),
  funnelPeople: (about: About, who: Own<'/journey/funnel/people'>) =>
    api.get('/journey/funnel/people', { ...about, ...who }),
  paths: (about: About, how: Own<'/journey/paths'>) => api.get('/journey/paths', { ...about, ...how }),
  variants: (about: About, how: Own<'/journey/variants'>) =>
    api.get('/journey/variants', { ...about, ...how }),
  stepMatrix: (about: About, how: Own<'/journey/step-matrix'>) =>
    api.get('/journey/step-matrix', { ...about, ...how }),
  attribution: (about: About, how: Own<'/journey/attribution'>) =>
    api.get('/journey/attribution', { ...about, ...how }),
  activity: (about: About, how: Own<'/journey/activity'>) =>
    api.get('/journey/activity', { ...about, ...how }),
  retention: (about: About, how: Own<'/journey/retention'>) =>
    api.get('/journey/retention', { ...about, ...how }),
};
