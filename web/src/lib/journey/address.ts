/** What a page looks at stands in its address, so that it can be sent to somebody. */
import { goto } from '$app/navigation';
import { page } from '$app/state';

/** Puts values into the address; empty ones are taken out of it. */
export function put(values: Record<string, string | number | null>): void {
  const search = new URLSearchParams(page.url.searchParams);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === '') search.delete(name);
    else search.set(name, String(value));
  }
  const text = search.toString();
  void goto(`${page.url.pathname}${text ? `?${text}` : ''}`, {
    replaceState: true,
    keepFocus: true,
    noScroll: true,
  });
}

export const read = (name: string): string => page.url.searchParams.get(name) ?? '';
