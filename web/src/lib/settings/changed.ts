/** The fields of `next` that differ from `before`: what a PATCH has to say. Pure. */
export function changed<T extends object>(before: T, next: T): Partial<T> {
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(before[name as keyof T]);
  return Object.fromEntries(Object.entries(next).filter(differs)) as Partial<T>;
}
