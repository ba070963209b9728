/** The kinds of addresses and ids in words. */
import { m } from '../paraglide/messages';

const KINDS: Record<string, () => string> = {
  phone: m.identity_phone,
  email: m.identity_email,
  user_id: m.identity_user,
  anonymous_id: m.identity_anonymous,
};
export const identityWords = (kind: string): string => KINDS[kind]?.() ?? kind.replaceAll('_', ' ');
export const IDENTITY_KINDS = Object.keys(KINDS);
