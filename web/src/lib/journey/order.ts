/**
 * The order within the columns of a map, so that few edges cross: barycentres to and fro, the best of all tries kept, then
 * neighbours change places as long as that helps (Sugiyama, Tagawa & Toda, IEEE SMC 11, 1981; greedy switching after
 * Eades & Kelly, 1986). An edge over several columns has a bend in each column it passes. Pure and without chance.
 */
export type Vertex = {
  id: string;
  column: number;
  /** The touchpoint; null for a bend of an edge on its way through. */
  touchpoint: number | null;
};
/** Two vertices that belong together, and how much. */
export type Link = { a: string; b: string; weight: number };

const SWEEPS = 8;
const SWITCHES = 12;

/** Orders the vertices of each column. */
export function order(columns: Vertex[][], links: Link[]): Vertex[][] {
  const near = neighbours(columns, links);
  let now = columns.map((column) => [...column]);
  let best = now;
  let fewest = crossings(now, near);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    now = swept(now, near, sweep % 2 === 0 ? 1 : -1);
    const count = crossings(now, near);
    if (count < fewest) [best, fewest] = [now, count];
  }
  return switched(best, near);
}

type Near = Map<string, { vertex: Vertex; weight: number }[]>;

function neighbours(columns: Vertex[][], links: Link[]): Near {
  const vertices = new Map(columns.flat().map((vertex) => [vertex.id, vertex]));
  const near: Near = new Map([...vertices.keys()].map((id) => [id, []]));
  for (const { a, b, weight } of links) {
    near.get(a)!.push({ vertex: vertices.get(b)!, weight });
    near.get(b)!.push({ vertex: vertices.get(a)!, weight });
  }
  return near;
}

const places = (columns: Vertex[][]): Map<string, number> =>
  new Map(columns.flatMap((column) => column.map((vertex, index) => [vertex.id, index])));

function swept(columns: Vertex[][], near: Near, step: 1 | -1): Vertex[][] {
  const next = [...columns];
  const all = columns.map((_, index) => index);
  for (const index of step === 1 ? all : all.reverse()) {
    const at = places(next);
    const wish = new Map(
      next[index]!.map((vertex) => {
        const side = near.get(vertex.id)!.filter(({ vertex: other }) => other.column === index - step);
        const weight = side.reduce((sum, one) => sum + one.weight, 0);
        const sum = side.reduce((total, one) => total + one.weight * at.get(one.vertex.id)!, 0);
        return [vertex.id, weight > 0 ? sum / weight : at.get(vertex.id)!];
      }),
    );
    next[index] = [...next[index]!].sort(
      (a, b) => wish.get(a.id)! - wish.get(b.id)! || at.get(a.id)! - at.get(b.id)!,
    );
  }
  return next;
}

/** What it costs that `above` stands above `below`, as far as it depends on the two. */
function cost(above: Vertex, below: Vertex, near: Near, at: Map<string, number>): number {
  let sum = 0;
  for (const one of near.get(above.id)!)
    for (const other of near.get(below.id)!) {
      if (one.vertex.column !== other.vertex.column || one.vertex.column === above.column) continue;
      if (at.get(one.vertex.id)! > at.get(other.vertex.id)!) sum += Math.min(one.weight, other.weight);
    }
  return sum;
}

/** How much crosses between neighbouring columns, by the weight of the lighter edge. */
export function crossings(columns: Vertex[][], near: Near | Link[]): number {
  const known = Array.isArray(near) ? neighbours(columns, near) : near;
  const at = places(columns);
  let sum = 0;
  for (const column of columns)
    column.forEach((above, index) =>
      column.slice(index + 1).forEach((below) => (sum += cost(above, below, known, at))),
    );
  // Each crossing is seen from both columns.
  return sum / 2;
}

/** How long the ways within the column are: what belongs together stands together. */
function stretch(column: Vertex[], near: Near): number {
  const at = new Map(column.map((vertex, index) => [vertex.id, index]));
  let sum = 0;
  for (const vertex of column)
    for (const { vertex: other, weight } of near.get(vertex.id)!)
      if (other.column === vertex.column)
        sum += weight * (Math.abs(at.get(vertex.id)! - at.get(other.id)!) - 1);
  return sum / 2;
}

function switched(columns: Vertex[][], near: Near): Vertex[][] {
  const next = columns.map((column) => [...column]);
  for (let round = 0; round < SWITCHES; round++) {
    let helped = false;
    for (const [index, column] of next.entries())
      for (let place = 0; place + 1 < column.length; place++) {
        const at = places(next);
        const [above, below] = [column[place]!, column[place + 1]!];
        const other = [...column.slice(0, place), below, above, ...column.slice(place + 2)];
        const before = cost(above, below, near, at) + stretch(column, near);
        const after = cost(below, above, near, at) + stretch(other, near);
        if (after >= before) continue;
        next[index]!.splice(place, 2, below, above);
        helped = true;
      }
    if (!helped) break;
  }
  return next;
}
