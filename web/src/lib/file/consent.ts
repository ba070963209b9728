/** Where a consent came from, in words. */
import type { ConsentEntry } from '../api/types';
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
