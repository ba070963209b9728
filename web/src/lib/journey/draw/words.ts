/** The design of a touchpoint in words. */
import { m } from '../../paraglide/messages';
import type { Touchpoint } from '../types';

export const ROLE_WORDS = { free: m.role_free, optional: m.role_optional, required: m.role_required };

/** "Required, may come again, in any order with the one before." */
export function designWords(row: Touchpoint, isFirst: boolean): string {
  const isDesigned = row.role !== 'free';
  return [
    ROLE_WORDS[row.role](),
    ...(isDesigned && row.repeats ? [m.touchpoint_repeats()] : []),
    ...(isDesigned && row.is_alongside && !isFirst ? [m.draw_alongside()] : []),
  ].join(' · ');
}
