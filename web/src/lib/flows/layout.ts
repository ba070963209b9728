/**
 * Where the steps of a flow stand on its map. ELK's layered layout decides; here a graph is told to it and its answer
 * read. Pure but for {@link place}, which asks the worker.
 */
import type { ElkExtendedEdge, ElkNode, ElkPoint } from 'elkjs/lib/elk-api';
import type { FlowGraph } from '../api/types';

export const NODE_WIDTH = 232;
export const NODE_HEIGHT = 66;
/** Room for the line of counts under a step. */
export const COUNT_HEIGHT = 22;

export type Placed = {
  width: number;
  height: number;
  /** The middle of the step it begins with. */
  startX: number;
  nodes: Map<string, { x: number; y: number }>;
  edges: { id: string; from: string; to: string; label: string; path: string; at: ElkPoint | null }[];
};

/** A way's label as the map shows it: one line of at most this many characters. */
const LABEL_CHARS = 24;
export const shortLabel = (label: string): string =>
  label.length > LABEL_CHARS ? `${label.slice(0, LABEL_CHARS - 1)}…` : label;
/** How wide a label of 11 px type stands, with its padding. */
const labelWidth = (label: string): number => Math.ceil(shortLabel(label).length * 6.1) + 10;

/** The graph in ELK's terms. Ways that lead to no step are left out: they are among the problems already. */
export function toElk(graph: FlowGraph, nodeHeight: number): ElkNode {
  const known = new Set(graph.nodes.map((node) => node.id));
  return {
    id: 'flow',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.spacing.nodeNode': '36',
      'elk.spacing.edgeNode': '18',
      'elk.spacing.edgeEdge': '14',
      'elk.spacing.edgeLabel': '4',
      'elk.layered.spacing.nodeNodeBetweenLayers': '44',
      'elk.edgeLabels.inline': 'true',
    },
    children: graph.nodes.map((node) => ({ id: node.id, width: NODE_WIDTH, height: nodeHeight })),
    edges: graph.edges
      .map((edge, index) => ({ edge, index }))
      .filter(({ edge }) => known.has(edge.from) && known.has(edge.to))
      .map(({ edge, index }) => ({
        id: String(index),
        sources: [edge.from],
        targets: [edge.to],
        labels: edge.label
          ? [{ id: `label-${index}`, text: edge.label, width: labelWidth(edge.label), height: 18 }]
          : [],
      })),
  };
}

/** ELK's answer as places and drawn ways. */
export function fromElk(graph: FlowGraph, placed: ElkNode): Placed {
  const nodes = new Map((placed.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]));
  const edges = (placed.edges ?? []).map((edge) => {
    const { from, to, label } = graph.edges[Number(edge.id)]!;
    const spot = edge.labels?.[0];
    return {
      id: edge.id,
      from,
      to,
      label,
      path: roundedPath(pointsOf(edge)),
      at: spot
        ? { x: (spot.x ?? 0) + (spot.width ?? 0) / 2, y: (spot.y ?? 0) + (spot.height ?? 0) / 2 }
        : null,
    };
  });
  const startX = (nodes.get(graph.start)?.x ?? 0) + NODE_WIDTH / 2;
  return { width: placed.width ?? 0, height: placed.height ?? 0, startX, nodes, edges };
}

const MARGIN = 20;
const SMALLEST_ZOOM = 0.45;

/** The view that shows the whole map; where that would be too small to read, its beginning. */
export function fit(
  map: Pick<Placed, 'width' | 'height' | 'startX'>,
  room: { width: number; height: number },
): { x: number; y: number; zoom: number } {
  const whole = Math.min(
    (room.width - 2 * MARGIN) / Math.max(map.width, 1),
    (room.height - 2 * MARGIN) / Math.max(map.height, 1),
  );
  const zoom = Math.min(Math.max(whole, SMALLEST_ZOOM), 1);
  const [spareX, spareY] = [room.width - map.width * zoom, room.height - map.height * zoom];
  const x = spareX >= 0 ? spareX / 2 : Math.min(MARGIN, room.width / 2 - map.startX * zoom);
  return { x: Math.max(x, spareX - MARGIN), y: spareY >= 0 ? Math.min(spareY / 2, 60) : MARGIN, zoom };
}

const pointsOf = (edge: ElkExtendedEdge): ElkPoint[] =>
  (edge.sections ?? []).flatMap((section) => [
    section.startPoint,
    ...(section.bendPoints ?? []),
    section.endPoint,
  ]);

/** A line through points, its corners rounded. */
export function roundedPath(points: ElkPoint[], radius = 7): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  rest.forEach((corner, index) => {
    const before = points[index]!;
    const after = rest[index + 1];
    if (!after) {
      path += `L${corner.x} ${corner.y}`;
      return;
    }
    const into = towards(corner, before, radius);
    const outOf = towards(corner, after, radius);
    path += `L${into.x} ${into.y}Q${corner.x} ${corner.y} ${outOf.x} ${outOf.y}`;
  });
  return path;
}

/** The point at most `distance` from `from` on the way to `to`, and never past its middle. */
function towards(from: ElkPoint, to: ElkPoint, distance: number): ElkPoint {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(distance / length, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

type Elk = { layout: (graph: ElkNode) => Promise<ElkNode> };
let elk: Promise<Elk> | null = null;

async function wake(): Promise<Elk> {
  const [{ default: ELK }, { default: workerUrl }] = await Promise.all([
    import('elkjs/lib/elk-api'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]);
  return new ELK({ workerUrl });
}

/** Lays the graph out, off the main thread. */
export async function place(graph: FlowGraph, nodeHeight: number): Promise<Placed> {
  elk ??= wake();
  return fromElk(graph, await (await elk).layout(toElk(graph, nodeHeight)));
}
