/** Touchpoints, shares and times in the reader's language. */
import { REQUEST_STATUSES, requestWords } from '../file/request';
import { count, duration } from '../numbers';
import { m } from '../paraglide/messages';
import { formatLocale, timeWords } from '../words';
import type { Touchpoint } from './types';

type Named = Pick<Touchpoint, 'name' | 'is_named' | 'signature'>;

/** What stands before the first colon, in words around what stands after it. */
const WITH: Record<string, (what: string) => string> = {
  track: (what) => what,
  page: (page) => m.sign_page({ page }),
  screen: (screen) => m.sign_screen({ screen }),
  request_filed: (kind) => m.sign_request_filed({ kind }),
  request_status: (status) => {
    const known = REQUEST_STATUSES.find((one) => one === status);
    return m.sign_request_status({ status: known ? requestWords(known) : status });
  },
  flow_started: (name) => m.sign_flow({ name }),
};
const PLAIN: Record<string, () => string> = {
  conversation_opened: m.sign_conversation_opened,
  conversation_opened_by_company: m.sign_conversation_by_company,
  conversation_reopened: m.sign_conversation_reopened,
  message_received: m.sign_message_received,
  message_sent: m.sign_message_sent,
  menu_sent: m.sign_menu_sent,
  handed_off: m.sign_handed_off,
  conversation_closed: m.sign_conversation_closed,
  survey_sent: m.sign_survey_sent,
  survey_answered: m.sign_survey_answered,
  opted_in: m.sign_opted_in,
  opted_out: m.sign_opted_out,
  identified: m.sign_identified,
  group_joined: m.sign_group_joined,
  other: m.sign_other,
};

/**
 * What a touchpoint is called: as somebody named it, or else its sort of event in words. A page and a screen are called by
 * their own name alone, unless it must be said what they are.
 */
export function nameOf({ name, is_named, signature }: Named, isWhole = false): string {
  if (is_named || !signature) return name;
  const colon = signature.indexOf(':');
  if (colon < 0) return PLAIN[signature]?.() ?? name;
  if (!isWhole && /^(page|screen):[^/]/.test(signature)) return signature.slice(colon + 1);
  return WITH[signature.slice(0, colon)]?.(signature.slice(colon + 1)) ?? name;
}

/** "31 %", "0.4 %", "< 0.1 %": a share that is there is never told as none. */
export function share(value: number): string {
  if (value > 0 && value < 0.001) return `< ${format(0.001, 1)}`;
  return format(value, value > 0 && value < 0.0995 ? 1 : 0);
}
const format = (value: number, digits: number) =>
  new Intl.NumberFormat(formatLocale(), { style: 'percent', maximumFractionDigits: digits }).format(value);

export const whole = (value: number): string => count(Math.round(value), formatLocale());
export const length = (ms: number): string => duration(ms / 1000, timeWords());

/** "+412", "−3": with its sign. */
export const signed = (value: number): string =>
  new Intl.NumberFormat(formatLocale(), { signDisplay: 'exceptZero', maximumFractionDigits: 0 }).format(
    Math.round(value),
  );

/** "+$412": money that is told in its smallest unit, with its sign. */
export function money(minor: number, currency: string): string {
  const style = { style: 'currency', currency, signDisplay: 'exceptZero' } as const;
  const places = minorDigits(currency);
  const format = new Intl.NumberFormat(formatLocale(), { ...style, maximumFractionDigits: 0 });
  return format.format(Math.round(minor / 10 ** places));
}

/** How many digits of a currency are behind the point: of dollars two, of yen none. */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** "22 Nov", of a calendar day without a zone. */
export const dayWords = (day: string): string =>
  new Intl.DateTimeFormat(formatLocale(), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** "+6 pts": a difference of shares, in points. */
export const points = (value: number): string =>
  m.journey_points({
    points: new Intl.NumberFormat(formatLocale(), {
      signDisplay: 'exceptZero',
      maximumFractionDigits: 1,
    }).format(value * 100),
  });

/** "2.4": a ratio. */
export const ratio = (value: number): string =>
  new Intl.NumberFormat(formatLocale(), { maximumFractionDigits: 1 }).format(value);
