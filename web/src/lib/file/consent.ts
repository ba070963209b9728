/** Consent in words: where it came from, what it is for, why somebody cannot be texted. */
import type { ConsentEntry, Customer } from '../api/types';
import { m } from '../paraglide/messages';

const SOURCES: Record<ConsentEntry['source'], () => string> = {
  keyword: m.source_keyword,
  free_text: m.source_free_text,
  provider: m.source_provider,
  agent: m.source_agent,
  form: m.source_form,
  import: m.source_import,
  first_message: m.source_first_message,
};
export const sourceWords = (source: ConsentEntry['source']): string => SOURCES[source]();

const BASES: Record<ConsentEntry['basis'], () => string> = {
  conversational: m.basis_conversational,
  informational: m.basis_informational,
  promotional: m.basis_promotional,
};
export const basisWords = (basis: ConsentEntry['basis']): string => BASES[basis]();

const CANNOT: Record<NonNullable<Customer['may_text']['reason']>, () => string> = {
  no_phone: m.consent_no_address,
  opted_out: m.opted_out_banner,
};
/** Why this customer cannot be texted; nothing when they can. */
export const cannotText = (reason: Customer['may_text']['reason']): string =>
  reason ? CANNOT[reason]() : '';
