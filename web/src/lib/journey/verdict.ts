/** Verdicts in the reader's words. */
import { m } from '../paraglide/messages';
import { catalogue } from './catalogue.svelte';
import type { Verdict, Why } from './types';

const WHY: Record<Why, () => string> = {
  too_few: m.why_too_few,
  everybody_meets: m.why_everybody_meets,
  nobody_alike: m.why_nobody_alike,
  no_outcome: m.why_no_outcome,
};

/** Whether a touchpoint brings calls for help, and why that is or is not said. */
export function contactWords(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'guilty':
      return m.verdict_guilty();
    case 'clear':
      return m.verdict_clear();
    case 'explained_by':
      return m.verdict_explained({ name: catalogue.name(verdict.touchpoint) });
    case 'not_separable_from':
      return m.verdict_not_separable({ name: catalogue.name(verdict.touchpoint) });
    case 'also_before':
      return m.verdict_also_before();
    case 'not_estimable':
      return m.verdict_not_estimable({ why: WHY[verdict.why]() });
  }
}
