/** Why customers write, in words. */
import type { components } from '../api/schema';
import { m } from '../paraglide/messages';

export type ConversationDemand = components['schemas']['ConversationDemand'];
export type Demand = ConversationDemand['demand'];

export const DEMANDS: Demand[] = ['value', 'failure', 'unclear'];
export const DEMAND_TONES = { value: 'good', failure: 'bad', unclear: 'plain' } as const;

const WORDS: Record<Demand, () => string> = {
  value: m.demand_value,
  failure: m.demand_failure,
  unclear: m.demand_unclear,
};
export const demandWords = (demand: Demand): string => WORDS[demand]();

/** Why the rules say so. `at` is when that was which shows it, `name` the touchpoint's. */
export function becauseWords(because: ConversationDemand['because'], at: string, name: string): string {
  switch (because) {
    case 'request_filed':
      return m.demand_because_request_filed({ at });
    case 'request_refused':
      return m.demand_because_request_refused({ at });
    case 'trouble':
      return m.demand_because_trouble({ at, name });
    case 'answered_again':
      return m.demand_because_answered_again({ at });
    case 'wrote_again':
      return m.demand_because_wrote_again({ at });
    case 'we_wrote':
      return m.demand_because_we_wrote({ at });
    case 'nothing':
      return m.demand_because_nothing();
  }
}
