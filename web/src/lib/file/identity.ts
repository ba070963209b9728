/** The kinds of addresses and ids in words. */
import { m } from '../paraglide/messages';

const KINDS: Record<string, () => string> = {
  phone: m.identity_phone,
  email: m.identity_email,
  user_id: m.identity_user,
  anonymous_id: m.identity_anonymous,
  chat: m.identity_chat,
};
export const identityWords = (kind: string): string => KINDS[kind]?.() ?? kind.replaceAll('_', ' ');
/** Those that a person can put onto a file; a visitor of the chat is known by the browser alone. */
export const IDENTITY_KINDS = Object.keys(KINDS).filter((kind) => kind !== 'chat');
