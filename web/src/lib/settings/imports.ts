/** The words of imports: how one stands, and why a row is skipped. */
import type { Import, SkipReason } from '../api/types';
import { m } from '../paraglide/messages';

export const STATES: Record<Import['state'], () => string> = {
  uploaded: m.import_state_uploaded,
  running: m.import_state_running,
  done: m.import_state_done,
  cancelled: m.import_state_cancelled,
  failed: m.import_state_failed,
};

export const TONES: Record<Import['state'], 'plain' | 'good' | 'warn' | 'bad' | 'accent'> = {
  uploaded: 'plain',
  running: 'accent',
  done: 'good',
  cancelled: 'warn',
  failed: 'bad',
};

export const REASONS: Record<SkipReason, () => string> = {
  no_customer: m.skip_no_customer,
  bad_customer: m.skip_bad_customer,
  no_event: m.skip_no_event,
  name_too_long: m.skip_name_too_long,
  no_time: m.skip_no_time,
  bad_time: m.skip_bad_time,
  too_early: m.skip_too_early,
  in_future: m.skip_in_future,
  bad_id: m.skip_bad_id,
  too_large: m.skip_too_large,
  not_utf8: m.skip_not_utf8,
  wrong_length: m.skip_wrong_length,
  not_an_object: m.skip_not_an_object,
  unreadable: m.skip_unreadable,
  cut_off: m.skip_cut_off,
  other_reading: m.skip_other_reading,
  not_kept: m.skip_not_kept,
};
