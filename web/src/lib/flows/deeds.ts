/** What starts a flow and what it does, in the reader's words. */
import type { components } from '../api/schema';
import { reasonWords } from '../events/reason';
import { m } from '../paraglide/messages';
import { formatLocale } from '../words';

export type Deed = components['schemas']['Deed'];
export type Trigger = components['schemas']['Trigger'];

const DEEDS: { [K in Deed['key']]: (deed: Extract<Deed, { key: K }>) => string } = {
  starts: ({ because }) => m.deed_starts({ because: reasonWords(because) }),
  starts_anew: ({ because }) => m.deed_starts_anew({ because: reasonWords(because) }),
  texts: ({ count }) => (count === 1 ? m.deed_text() : m.deed_texts({ count })),
  sets_trait: ({ name, value }) => (value ? m.deed_sets({ name, value }) : m.deed_takes({ name })),
  tags: m.deed_tags,
  files: m.deed_files,
  submits: m.deed_submits,
  asks_how_it_was: m.deed_asks,
  keeps_score: ({ score, comment }) =>
    comment ? m.deed_scores_comment({ score, comment }) : m.deed_scores({ score }),
  hands_over: ({ team, because }) => {
    const reason = reasonWords(because);
    return team ? m.deed_hands_over({ team, because: reason }) : m.deed_hands_over_desk({ because: reason });
  },
  completes: m.deed_completes,
  times_out: m.deed_times_out,
  expires: m.deed_expires,
  fails: m.deed_fails,
  law_answers: ({ text, word }) =>
    word === 'stop' ? m.deed_stop({ text }) : m.deed_law({ text, word: word.toUpperCase() }),
  may_be_revocation: m.deed_revocation,
  and_so_on: m.deed_and_so_on,
};

export const deedWords = (deed: Deed): string => (DEEDS[deed.key] as (deed: Deed) => string)(deed);

/** Several, one after the other, as a sentence begins. */
export function deedsWords(deeds: Deed[]): string {
  const told = deeds.map(deedWords).join('; ');
  return told.charAt(0).toUpperCase() + told.slice(1);
}

const quoted = (words: string[]): string =>
  new Intl.ListFormat(formatLocale(), { type: 'disjunction' }).format(
    words.map((word) => m.quoted({ word })),
  );

export function triggerWords(trigger: Trigger): string {
  switch (trigger.trigger) {
    case 'keyword':
      return m.trigger_keyword({ words: quoted(trigger.words) });
    case 'only':
      return m.trigger_only({ words: quoted(trigger.words) });
    case 'first_message':
      return m.trigger_first_message();
    case 'outside_hours':
      return m.trigger_outside_hours();
    case 'fallback':
      return m.trigger_fallback();
  }
}
