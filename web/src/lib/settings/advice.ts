/** What is wrong with a channel and what to do about it, in words. */
import type { components } from '../api/schema';
import { faultWords } from '../desk/faults';
import { m } from '../paraglide/messages';

export type Advice = components['schemas']['Advice'];
type Of<K extends Advice['key']> = Extract<Advice, { key: K }>;

const REFUSED: Record<string, (inputs: { calls: number; hook: string }) => string> = {
  wrong_signature: m.advice_wrong_signature,
  unsigned: m.advice_unsigned,
  wrong_body: m.advice_wrong_body,
  no_secret: m.advice_no_secret,
};
const WORDS: { [K in Advice['key']]: (advice: Of<K>) => string } = {
  switched_off: m.advice_switched_off,
  refused: (advice) => (REFUSED[advice.reason] ?? (() => m.advice_refused(advice)))(advice),
  unreachable: m.advice_unreachable,
  nothing_ever: m.advice_nothing_ever,
  silent: m.advice_silent,
  backlog: ({ texts, minutes, segments_per_second: rate }) => m.advice_backlog({ texts, minutes, rate }),
  failures: ({ failed, tried, most }) =>
    most
      ? m.advice_failures_most({ failed, tried, most: faultWords(most.replace(/\.$/, '')) })
      : m.advice_failures({ failed, tried }),
  unconfirmed: m.advice_unconfirmed,
  not_understood: m.advice_not_understood,
  opt_outs: m.advice_opt_outs,
};
export const adviceWords = (advice: Advice): string =>
  (WORDS[advice.key] as (advice: Advice) => string)(advice);

const CALLS: Record<string, () => string> = {
  wrong_signature: m.refused_call_wrong_signature,
  unsigned: m.refused_call_unsigned,
  wrong_body: m.refused_call_wrong_body,
  no_secret: m.refused_call_no_secret,
};
/** Why a call was refused, in a word or two. */
export const refusedWords = (reason: string): string => CALLS[reason]?.() ?? reason;
