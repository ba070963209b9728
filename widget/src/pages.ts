/**
 * Tells which pages a visitor looks at, where the company wants to know: as every tracking library does, so that what they looked at
 * stands beside what they wrote. Where the page has such a library, the visitor's browser is called what that calls it.
 */
import { unused } from './id';
import { pageStorage } from './keep';

const OWN = 'rapport-browser';

/** What a library of the page calls this browser, or what we called it before. */
export function browserId(): string | null {
  const store = pageStorage();
  const known = store.getItem('ajs_anonymous_id') ?? store.getItem(OWN);
  return known?.replace(/^"|"$/g, '') || null;
}

/** Tells of this page, and of those that the visitor goes to without loading one anew. */
export function tellPages(server: string, key: string): void {
  let last = '';
  const tell = () => {
    const { href, pathname, search } = location;
    if (href === last) return;
    const store = pageStorage();
    const browser = browserId() ?? unused();
    if (browserId() === null) store.setItem(OWN, browser);
    const page = {
      url: href,
      path: pathname,
      search,
      title: document.title,
      referrer: last || document.referrer,
    };
    last = href;
    const call = {
      writeKey: key,
      messageId: unused(),
      anonymousId: browser,
      name: document.title,
      properties: page,
      context: { page, locale: navigator.language, userAgent: navigator.userAgent },
      timestamp: new Date().toISOString(),
    };
    const body = JSON.stringify(call);
    // What is not told is not worth a word to the visitor.
    void fetch(`${server}/v1/page`, { method: 'POST', body, keepalive: true, credentials: 'omit' }).catch(
      () => undefined,
    );
  };
  tell();
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) navigation.addEventListener('navigatesuccess', () => setTimeout(tell));
  else addEventListener('popstate', () => setTimeout(tell));
}
