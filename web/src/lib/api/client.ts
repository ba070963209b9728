/**
 * The one way to the server. Answers are typed by the caller with the shapes of `types.ts`; every refusal is a
 * {@link Problem}, whether the server said no or could not be reached.
 */
import type { List } from './types';

export type Query = Record<string, string | number | boolean | null | undefined>;

/** A refusal in the server's words (RFC 9457), or `offline` when there was no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly fields: Record<string, string> = {},
    /** Whatever else the problem document carried. */
    readonly extra: Record<string, unknown> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title);
    this.name = 'Problem';
  }

  get offline(): boolean {
    return this.code === 'offline';
  }
}

/** Called when a request was refused because nobody is signed in. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

/** `/api` plus path and query, leaving out what is null or undefined. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api${path}${text ? `?${text}` : ''}`;
}

async function toProblem(answer: Response): Promise<Problem> {
  const retryAfter = Number(answer.headers.get('retry-after')) || null;
  try {
    const { status, code, title, detail, fields, type: _type, ...extra } = await answer.json();
    return new Problem(
      status ?? answer.status,
      code ?? 'unknown',
      title ?? answer.statusText,
      detail ?? '',
      fields ?? {},
      extra,
      retryAfter,
    );
  } catch {
    // A proxy's error page, or a server that is just starting.
    const code = answer.status >= 502 && answer.status <= 504 ? 'offline' : 'unknown';
    return new Problem(answer.status, code, answer.statusText, '', {}, {}, retryAfter);
  }
}

async function call<T>(
  method: string,
  path: string,
  options: { query?: Query; body?: unknown; signal?: AbortSignal; keepalive?: boolean } = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-rapport'] = '1';
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) body = options.body;
  else if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let answer: Response;
  try {
    answer = await fetch(apiUrl(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      keepalive: options.keepalive,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'offline', '', '');
  }
  if (!answer.ok) {
    const problem = await toProblem(answer);
    if (problem.status === 401 && problem.code !== 'wrong_sign_in') onSignedOut();
    throw problem;
  }
  // "Done" and "taken" come without words.
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', path, { query, signal }),
  list: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    call<List<T>>('GET', path, { query, signal }),
  post: <T>(path: string, body: unknown = {}) => call<T>('POST', path, { body }),
  put: <T = void>(path: string, body: unknown = {}, keepalive = false) =>
    call<T>('PUT', path, { body, keepalive }),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', path, { body }),
  delete: <T = void>(path: string) => call<T>('DELETE', path),
  upload: <T>(path: string, file: File) => {
    const form = new FormData();
    form.append('file', file, file.name);
    return call<T>('POST', path, { body: form });
  },
};

/** Follows `next` to the end. For lists that are short by nature: teams, people, channels, canned replies. */
export async function all<T>(path: string, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: List<T> = await api.list<T>(path, { limit: 200, ...query, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
