/**
 * How much of a map is shown: the commonest edges that together make the wanted share of all steps. What is left out is
 * counted, so that the page can say so. Pure.
 */
import type { MapEdge, MapResult } from './types';

export type Shown = {
  touchpoints: Set<number>;
  edges: MapEdge[];
  /** A touchpoint directly after itself, by touchpoint: told at it, and not drawn. */
  again: Map<number, MapEdge>;
  hidden: { touchpoints: number; edges: number; steps: number };
};

const byCount = (a: MapEdge, b: MapEdge) => b.count - a.count || a.from - b.from || a.to - b.to;

/** Chooses what is shown: edges for `share` of the steps, and the touchpoints in `always` whatever their edges. */
export function shown(map: MapResult, share: number, always: Iterable<number> = []): Shown {
  const loops = map.edges.filter((edge) => edge.from === edge.to);
  const ways = map.edges.filter((edge) => edge.from !== edge.to).sort(byCount);
  const steps = ways.reduce((sum, edge) => sum + edge.count, 0);
  const edges: MapEdge[] = [];
  let covered = 0;
  for (const edge of ways) {
    if (share < 1 && covered >= share * steps) break;
    edges.push(edge);
    covered += edge.count;
  }
  const known = new Set(map.touchpoints.map((one) => one.touchpoint));
  const touchpoints = new Set([...always].filter((one) => known.has(one)));
  for (const { from, to } of edges) touchpoints.add(from).add(to);
  // Without any edge, as when everybody came once, there is still somewhere that people were.
  if (share >= 1 || edges.length === 0) for (const one of known) touchpoints.add(one);
  return {
    touchpoints,
    edges,
    again: new Map(loops.map((edge) => [edge.from, edge])),
    hidden: {
      touchpoints: known.size - touchpoints.size,
      edges: ways.length - edges.length,
      steps: steps === 0 ? 0 : 1 - covered / steps,
    },
  };
}
