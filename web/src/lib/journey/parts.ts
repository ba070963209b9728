/** What those who lay a map out, lead its ways and draw it agree on. */
export const NODE_WIDTH = 172;
export const NODE_HEIGHT = 56;

export type PlacedNode = { touchpoint: number; lane: number; x: number; y: number };

export const edgeId = (edge: { from: number; to: number }): string => `${edge.from}-${edge.to}`;
