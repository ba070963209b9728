/** How thick and in which colour a map draws what happened. Pure. */
import type { MapEdge, MapResult, Touchpoint } from './types';

export type Paint = 'pain' | 'time' | 'volume';
/** From nothing special to what stands out. */
export type Level = 0 | 1 | 2 | 3;

/** Where a level begins: shares who ask for help, lengths of time, shares of the largest. */
export const BOUNDS: Record<Paint, [number, number, number]> = {
  pain: [0.03, 0.08, 0.15],
  time: [3_600_000, 86_400_000, 7 * 86_400_000],
  volume: [0.1, 0.3, 0.6],
};

export const COLOURS: Record<Paint, string[]> = {
  pain: [
    'var(--line-strong)',
    'color-mix(in oklab, var(--warn) 55%, var(--line-strong))',
    'var(--warn)',
    'var(--bad)',
  ],
  time: shades(),
  volume: shades(),
};
function shades(): string[] {
  return [0, 35, 65, 100].map((share) => `color-mix(in oklab, var(--accent) ${share}%, var(--line-strong))`);
}

export const levelOf = (paint: Paint, value: number | null): Level =>
  (value === null ? 0 : BOUNDS[paint].filter((bound) => value >= bound).length) as Level;

export type Painter = {
  /** The share of the visits to a touchpoint after which the customer asks for help next; null for a call for help itself. */
  painOf: (touchpoint: number) => number | null;
  levelOfTouchpoint: (touchpoint: number) => Level;
  levelOfEdge: (edge: MapEdge) => Level;
  widthOf: (edge: MapEdge) => number;
};

const THICKEST = 13;
const THINNEST = 1.25;

/** How much of an edge there is: customers where they were counted, else how often. */
export const amountOf = (edge: MapEdge): number => edge.customers ?? edge.count;

/** Reads a map for its painting. */
export function painter(map: MapResult, touchpoints: Touchpoint[], paint: Paint): Painter {
  const contacts = new Set(touchpoints.filter((one) => one.is_contact).map((one) => one.id));
  const places = new Map(map.touchpoints.map((one) => [one.touchpoint, one]));
  const calls = new Map<number, number>();
  for (const { from, to, count } of map.edges)
    if (contacts.has(to)) calls.set(from, (calls.get(from) ?? 0) + count);
  const mostPeople = Math.max(1, ...map.touchpoints.map((one) => one.customers));
  const ways = map.edges.filter((edge) => edge.from !== edge.to);
  const most = Math.max(1, ...ways.map(amountOf));
  const painOf = (touchpoint: number) =>
    contacts.has(touchpoint)
      ? null
      : (calls.get(touchpoint) ?? 0) / Math.max(places.get(touchpoint)?.events ?? 0, 1);
  const valueOf = (edge: MapEdge): number | null => {
    if (paint === 'time') return edge.durations?.median_ms ?? null;
    if (paint === 'volume') return amountOf(edge) / most;
    if (contacts.has(edge.to)) return contacts.has(edge.from) ? null : painOf(edge.from);
    return painOf(edge.to);
  };
  return {
    painOf,
    levelOfTouchpoint: (touchpoint) => {
      if (paint === 'pain') return levelOf('pain', painOf(touchpoint));
      if (paint === 'volume') return levelOf('volume', (places.get(touchpoint)?.customers ?? 0) / mostPeople);
      return 0;
    },
    levelOfEdge: (edge) => levelOf(paint, valueOf(edge)),
    widthOf: (edge) => Math.max(THINNEST, (THICKEST * amountOf(edge)) / most),
  };
}
