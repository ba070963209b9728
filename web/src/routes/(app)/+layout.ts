import { redirect } from '@sveltejs/kit';
import { api } from '$lib/api/client';
import { session } from '$lib/session.svelte';

/** Everything under here wants somebody signed in; a company without an owner is set up first. */
export async function load({ url }: { url: URL }) {
  // Who has just signed in knows nothing of the company yet.
  if (session.user && session.timeZone) return;
  try {
    if (await session.load()) return;
  } catch (error) {
    return { failed: error };
  }
  const setup = await api.get('/setup').catch(() => null);
  if (setup?.needed) redirect(307, '/setup');
  redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
}
