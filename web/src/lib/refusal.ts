/** What to tell a person when the server refused. */
import { Problem } from './api/client';
import { m } from './paraglide/messages';

const BY_CODE: Record<string, () => string> = {
  offline: m.refused_offline,
  forbidden: m.refused_forbidden,
  not_found: m.refused_not_found,
  wrong_sign_in: m.refused_wrong_sign_in,
  csrf: m.refused_csrf,
};

/** One sentence: our own words where we have them, the server's where it knows better. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return m.refused_unknown();
  if (error.code === 'too_many_tries') return m.refused_too_many({ seconds: error.retryAfter ?? 60 });
  return BY_CODE[error.code]?.() ?? (sentence(error.detail || error.title) || m.refused_unknown());
}

/** The server speaks in phrases ("name must not be empty"); a person reads sentences. */
export function sentence(phrase: string): string {
  if (!phrase) return '';
  const begun = phrase[0]!.toUpperCase() + phrase.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
