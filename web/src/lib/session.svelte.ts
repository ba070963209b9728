/** Who is signed in, and what they may do. */
import { goto } from '$app/navigation';
import { api, Problem, whenSignedOut } from './api/client';
import type { Role, User } from './api/types';
import { ownAs } from './own';
import { getLocale, isLocale, setLocale } from './paraglide/runtime';
import { dayKey } from './time';

const RANK: Record<Role, number> = { viewer: 0, agent: 1, manager: 2, owner: 3 };

const RECOUNT_MS = 1_500;

class SessionStore {
  user = $state<User | null>(null);
  unread = $state(0);
  /** The company's zone, in which days are counted; empty until the server has told it. */
  timeZone = $state('');

  /** Asks the server who we are. False when nobody is signed in. */
  async load(): Promise<boolean> {
    try {
      const session = await api.get('/session');
      this.unread = session.unread;
      this.timeZone = session.time_zone;
      this.enter(session.user);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return false;
      throw error;
    }
  }

  /** The day that it is for the company, wherever the reader is. */
  today(): string {
    return dayKey(Date.now(), this.timeZone);
  }

  #counting: ReturnType<typeof setTimeout> | undefined;
  /** Counts the unread ones again, a moment later and once for many calls. */
  recount(): void {
    this.#counting ??= setTimeout(async () => {
      this.#counting = undefined;
      const session = await api.get('/session').catch(() => null);
      if (session) this.unread = session.unread;
    }, RECOUNT_MS);
  }

  async signIn(email: string, password: string): Promise<void> {
    this.enter(await api.post('/session', { email, password }));
  }

  /** Takes over a user that the server has just signed in, with their language. */
  enter(user: User): void {
    ownAs(user.id);
    this.user = user;
    const language = user.locale.slice(0, 2);
    if (!isLocale(language) || language === getLocale()) return;
    void setLocale(language, { reload: false });
    document.documentElement.lang = language;
  }

  async signOut(): Promise<void> {
    await api.delete('/session');
    this.user = null;
    await goto('/sign-in');
  }

  /** Whether the signed-in person has at least this role. */
  can(role: Role): boolean {
    return this.user !== null && RANK[this.user.role] >= RANK[role];
  }
}

export const session = new SessionStore();

/** Where to go after signing in: the page that was asked for, if it is one of ours. */
export function afterSignIn(search: URLSearchParams): string {
  const next = search.get('next') ?? '';
  return next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/inbox';
}

whenSignedOut(() => {
  if (!session.user) return;
  session.user = null;
  const here = location.pathname + location.search;
  void goto(`/sign-in?next=${encodeURIComponent(here)}`);
});
