/**
 * The server's description as types of calls: which paths there are, what each takes and what it answers. A path is written
 * as it is called, without `/api`: `/conversations/{id}/draft` is `/conversations/${number}/draft`.
 */
import type { paths } from './schema';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Written<Path, Values> =
  Path extends `${infer Head}{${infer Name extends keyof Values & string}}${infer Tail}`
    ? `${Head}${Values[Name] & (string | number)}${Written<Tail, Values>}`
    : Path;

type Operations<M extends Method> = {
  [
    P in keyof paths as P extends `/api${infer Rest}`
      ? paths[P][M] extends { parameters: { path?: infer Values } }
        ? Written<Rest, NonNullable<Values>>
        : never
      : never
  ]: paths[P][M];
};

/** A path that can be called with this method. */
export type Route<M extends Method> = keyof Operations<M>;

type Json<T> = T extends { content: { 'application/json': infer Value } } ? Value : undefined;
type Answers<M extends Method, R extends Route<M>> = Operations<M>[R] extends { responses: infer All }
  ? All[keyof All & (200 | 201 | 202 | 204)]
  : never;

/** What a call answers. */
export type Answer<M extends Method, R extends Route<M>> = Json<Answers<M, R>>;

/** What may stand behind the question mark; null is left out. */
export type Query<R extends Route<'get'>> = Operations<'get'>[R] extends {
  parameters: { query?: infer Values };
}
  ? { [Name in keyof NonNullable<Values>]: NonNullable<Values>[Name] | null }
  : never;

/** The arguments that say what is sent: the body, where the server takes one. */
export type Sent<M extends Method, R extends Route<M>> = Operations<M>[R] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? [body: Body]
  : [];

/** A path that answers with pages of a list, and what is in the list. */
export type ListRoute = {
  [R in Route<'get'>]: Answer<'get', R> extends { items: unknown[]; next: string | null } ? R : never;
}[Route<'get'>];
export type Item<R extends ListRoute> = Answer<'get', R> extends { items: (infer T)[] } ? T : never;
