/**
 * The one way to the server. Paths, queries, bodies and answers are typed by the server's own description; every refusal is
 * a {@link Problem}, whether the server said no or could not be reached.
 */
import type { Answer, Item, ListRoute, Method, Query, Route, Sent } from './routes';
import type { List, Refusal } from './types';

type Extra = Partial<Omit<Refusal, 'type' | 'title' | 'status' | 'code' | 'detail' | 'fields'>>;

/** A refusal in the server's words (RFC 9457), or `offline` when there was no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly fields: Record<string, string> = {},
    /** What it is about, where the server's description says that such a refusal carries it. */
    readonly extra: Extra = {},
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

type AnyQuery = Record<string, string | number | boolean | null | undefined>;

function url(path: string, query: AnyQuery = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api${path}${text ? `?${text}` : ''}`;
}

/** Where something can be read, for who does so without this client: `/api` plus path and query. */
export const apiUrl = <R extends Route<'get'>>(path: R, query?: Query<R>): string => url(path, query);

async function toProblem(answer: Response): Promise<Problem> {
  const retryAfter = Number(answer.headers.get('retry-after')) || null;
  try {
    const told: Partial<Refusal> = await answer.json();
    const { status, code, title, detail, fields, type: _type, ...extra } = told;
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

type Options = { query?: AnyQuery; body?: unknown; signal?: AbortSignal; keepalive?: boolean };

async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'get') headers['x-rapport'] = '1';
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) body = options.body;
  else if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  const { signal, keepalive } = options;
  let answer: Response;
  try {
    const to = url(path, options.query);
    answer = await fetch(to, { method: method.toUpperCase(), headers, body, signal, keepalive });
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

/** The most that the server takes as a file. */
const MAX_FILE_BYTES = 25 * 1024 * 1024;

export const api = {
  get: <R extends Route<'get'>>(path: R, query?: Query<R>, signal?: AbortSignal) =>
    call<Answer<'get', R>>('get', path, { query, signal }),
  post: <R extends Route<'post'>>(path: R, ...[body]: Sent<'post', R>) =>
    call<Answer<'post', R>>('post', path, { body }),
  put: <R extends Route<'put'>>(path: R, ...[body]: Sent<'put', R>) =>
    call<Answer<'put', R>>('put', path, { body }),
  /** Like `put`, and goes out although the page is being left. */
  putLeaving: <R extends Route<'put'>>(path: R, ...[body]: Sent<'put', R>) =>
    call<Answer<'put', R>>('put', path, { body, keepalive: true }),
  patch: <R extends Route<'patch'>>(path: R, ...[body]: Sent<'patch', R>) =>
    call<Answer<'patch', R>>('patch', path, { body }),
  delete: <R extends Route<'delete'>>(path: R) => call<Answer<'delete', R>>('delete', path),
  upload: async <R extends Route<'post'>>(path: R, file: File) => {
    // A server that refuses before it has read all cuts the line, and nobody would learn why.
    if (file.size > MAX_FILE_BYTES) throw new Problem(413, 'file_too_large', '', '');
    const body = new FormData();
    body.append('file', file, file.name);
    return call<Answer<'post', R>>('post', path, { body });
  },
};

/** Follows `next` to the end. For lists that are short by nature: teams, people, channels, canned replies. */
export async function all<R extends ListRoute>(path: R, query?: Query<R>): Promise<Item<R>[]> {
  const items: Item<R>[] = [];
  let cursor: string | null = null;
  do {
    const page: List<Item<R>> = await call('get', path, { query: { limit: 200, ...query, cursor } });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
