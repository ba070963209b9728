/** Why something was done, in the reader's words. */
import type { components } from '../api/schema';
import { m } from '../paraglide/messages';

export type Reason = components['schemas']['Reason'];
type Known = Exclude<Reason, string>;

const WORDS: { [K in Known['key']]: (reason: Extract<Known, { key: K }>) => string } = {
  taken: m.reason_taken,
  given: m.reason_given,
  answered: m.reason_answered,
  agent_wrote: m.reason_agent_wrote,
  agent_away: m.reason_agent_away,
  agent_left: m.reason_agent_left,
  team_removed: m.reason_team_removed,
  no_menu_fits: m.reason_no_menu_fits,
  menu_failed: m.reason_menu_failed,
  menu_hands_over: m.reason_menu_hands_over,
  person_wanted: m.reason_person_wanted,
  no_clear_answer: m.reason_no_clear_answer,
  customer_wrote: m.reason_customer_wrote,
  taken_up: m.reason_taken_up,
  time_came: m.reason_time_came,
  agent_started: m.reason_agent_started,
  keyword: m.reason_keyword,
  first_message: m.reason_first_message,
  outside_hours: m.reason_outside_hours,
  fallback: m.reason_fallback,
};

/** What a person wrote, and what old events were written with, stays as it is. */
export function reasonWords(reason: Reason): string {
  if (typeof reason === 'string') return reason.trim().replace(/\.$/, '');
  return (WORDS[reason.key] as (reason: Known) => string)(reason);
}
