/** Why a customer cannot be written to by a channel, in words. Pure. */
import type { Way } from '../api/types';
import { m } from '../paraglide/messages';

const WORDS: Record<string, () => string> = {
  opted_out: m.way_opted_out,
  channel_disabled: m.way_off,
  not_textable: m.way_not_textable,
};

/** Empty where nothing is in the way. A reason that this page does not know yet is told as the server spells it. */
export const closedWords = ({ closed }: Way): string => (closed ? (WORDS[closed]?.() ?? closed) : '');
