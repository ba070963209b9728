/** Words for the API's words: statuses, roles and units in the reader's language. */
import type { Role } from './api/types';
import { m } from './paraglide/messages';
import { getLocale } from './paraglide/runtime';
import type { TimeWords } from './time';

export const timeWords = (): TimeWords => ({
  now: m.unit_now(),
  second: m.unit_second(),
  minute: m.unit_minute(),
  hour: m.unit_hour(),
  day: m.unit_day(),
});

export const roleName = (role: Role): string =>
  ({ owner: m.role_owner, manager: m.role_manager, agent: m.role_agent, viewer: m.role_viewer })[role]();

/** The reader's own way to write times and numbers, where the browser knows it for the language of the app. */
export function formatLocale(): string {
  const language = getLocale();
  return navigator.languages.find((one) => one.startsWith(language)) ?? language;
}
