/** What to tell a person when the server refused. */
import { Problem } from './api/client';
import { fieldWords, sentence } from './fields';
import { m } from './paraglide/messages';
import { getLocale } from './paraglide/runtime';

const BY_CODE: Record<string, () => string> = {
  offline: m.refused_offline,
  forbidden: m.refused_forbidden,
  not_found: m.refused_not_found,
  wrong_sign_in: m.refused_wrong_sign_in,
  csrf: m.refused_csrf,
  opted_out: m.refused_opted_out,
  not_textable: m.refused_not_textable,
  already_sent: m.refused_already_sent,
  customer_opted_out: m.refused_customer_opted_out,
  last_owner: m.refused_last_owner,
  merged: m.refused_merged,
  channel_disabled: m.refused_channel_disabled,
  not_open: m.refused_not_open,
  not_failed: m.refused_not_failed,
  not_paused: m.refused_not_paused,
  no_channel: m.refused_no_channel,
  identity_taken: m.refused_identity_taken,
  decided: m.refused_decided,
  nothing_stays: m.refused_nothing_stays,
  different_customers: m.refused_different_customers,
  two_users: m.refused_two_users,
  too_many_browsers: m.refused_too_many_browsers,
  request_ended: m.refused_request_ended,
  file_too_large: m.refused_file_too_large,
  busy: m.refused_busy,
  internal: m.refused_internal,
  unavailable: m.refused_busy,
};
/** Where the server's English says more: for those who read English, its words; for the others, ours. */
const GENERAL: Record<string, () => string> = {
  conflict: m.refused_conflict,
  too_large: m.refused_too_large,
};

/** One sentence: our own words where we have them, the server's where it knows better. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return m.refused_unknown();
  if (error.code === 'too_many_tries') return m.refused_too_many({ seconds: error.retryAfter ?? 60 });
  const fields = Object.values(error.fields);
  if (fields.length && getLocale() !== 'en') return [...new Set(fields.map(fieldWords))].join(' ');
  const general = getLocale() === 'en' ? undefined : GENERAL[error.code];
  return (
    (BY_CODE[error.code] ?? general)?.() ?? (sentence(error.detail || error.title) || m.refused_unknown())
  );
}
