/**
 * The designed journey as it is drawn: a lane for each stage with the design above and what else happens there below, and what
 * a drop or a key means to the server. Pure.
 */
import { move, type Group } from '../placing';
import { laneOf, type LaneKey } from '../lanes';
import { NODE_HEIGHT, NODE_WIDTH } from '../parts';
import type { DesignRole, Stage, Touchpoint } from '../types';

export const LANE_HEAD = 68;
const PITCH = NODE_HEIGHT + 24;
const LANE_PADDING = 18;
const LANE_GAP = 10;
const COLUMN_GAP = 14;
/** The gap between the design and what else happens in a stage; a line and its words stand in it. */
const DIVIDER = 40;
/** The most touchpoints in one column of those that are in no stage. */
const HIGHEST = 8;

export type DrawnLane = {
  key: LaneKey;
  stage: Stage | null;
  x: number;
  width: number;
  /** In the order of the design. */
  designed: Touchpoint[];
  /** What happens here without being designed. */
  free: Touchpoint[];
};
export type DrawnNode = { row: Touchpoint; lane: number; x: number; y: number };
/** Touchpoints that may come in any order: the places of the first and the last of them among the lane's designed ones. */
export type Together = { lane: number; first: number; last: number };
export type Plan = {
  lanes: DrawnLane[];
  nodes: DrawnNode[];
  together: Together[];
  /** Where the design ends and what else happens begins. */
  divider: number;
  width: number;
  height: number;
};
export type Change = {
  stage?: number | null;
  position?: number;
  role?: DesignRole;
};

export const yOf = (index: number): number => LANE_HEAD + index * PITCH;

/** Lays out what is drawn. */
export function plan(stages: Stage[], touchpoints: Touchpoint[]): Plan {
  const shown = touchpoints.filter((one) => !one.is_hidden);
  const known = new Set(stages.map((stage) => stage.id));
  const ordered = [...stages].sort((a, b) => a.position - b.position);
  const lanes: DrawnLane[] = [];
  let x = 0;
  const add = (key: LaneKey, stage: Stage | null, rows: Touchpoint[], columns: number) => {
    const width = columns * NODE_WIDTH + (columns - 1) * COLUMN_GAP + 2 * LANE_PADDING;
    const designed = stage ? rows.filter((row) => row.role !== 'free') : [];
    lanes.push({ key, stage, x, width, designed, free: rows.filter((row) => !designed.includes(row)) });
    x += width + LANE_GAP;
  };
  const inOrder = (rows: Touchpoint[]) => [...rows].sort((a, b) => a.position - b.position || a.id - b.id);
  const of = (key: LaneKey) => shown.filter((one) => laneOf(one, known) === key);
  for (const stage of ordered) add(stage.id, stage, inOrder(of(stage.id)), 1);
  for (const key of ['unplaced', 'service'] as const) {
    const rest = of(key).sort((a, b) => b.events - a.events || a.id - b.id);
    if (rest.length > 0) add(key, null, rest, Math.ceil(rest.length / HIGHEST));
  }
  const most = Math.max(0, ...lanes.map((lane) => lane.designed.length));
  // There is always room for one more.
  const divider = yOf(most + 1) - 8;
  const nodes = lanes.flatMap((lane, index) => stand(lane, index, divider));
  const bottom = Math.max(divider + DIVIDER + PITCH, ...nodes.map((node) => node.y + PITCH));
  return {
    lanes,
    nodes,
    together: lanes.flatMap((lane, index) => groups(lane.designed, index)),
    divider,
    width: Math.max(x - LANE_GAP, 0),
    height: bottom + 8,
  };
}

function stand(lane: DrawnLane, index: number, divider: number): DrawnNode[] {
  const left = lane.x + LANE_PADDING;
  const designed = lane.designed.map((row, place) => ({ row, lane: index, x: left, y: yOf(place) }));
  const free = lane.free.map((row, place) => {
    if (lane.stage) return { row, lane: index, x: left, y: divider + DIVIDER + place * PITCH };
    const column = Math.floor(place / HIGHEST);
    return {
      row,
      lane: index,
      x: left + column * (NODE_WIDTH + COLUMN_GAP),
      y: yOf(place % HIGHEST),
    };
  });
  return [...designed, ...free];
}

function groups(designed: Touchpoint[], lane: number): Together[] {
  const found: Together[] = [];
  designed.forEach((row, place) => {
    const last = found.at(-1);
    if (last && row.is_alongside) last.last = place;
    else found.push({ lane, first: place, last: place });
  });
  return found;
}

const groupOf = (lane: DrawnLane): Group => ({ stage: lane.stage, rows: [...lane.designed, ...lane.free] });

/** What changes when a touchpoint comes into a lane, at this place of its design or, with null, outside of it. */
export function placed(row: Touchpoint, lane: DrawnLane, place: number | null): Change {
  const isDesigned = lane.stage !== null && place !== null;
  const others = lane.designed.filter((one) => one.id !== row.id);
  const before = isDesigned ? (others[place] ?? null) : null;
  const last = others.at(-1);
  // Behind the last of the design, and not behind what else happens in the stage.
  const behind: Group = { stage: lane.stage, rows: last && !before ? [last] : groupOf(lane).rows };
  const moved = isDesigned ? move(row, behind, before) : { stage: lane.stage?.id ?? null };
  if (isDesigned) return row.role === 'free' ? { ...moved, role: 'optional' } : moved;
  return row.role === 'free' ? moved : { ...moved, role: 'free' };
}

/** What a drop means: the lane under the middle of the touchpoint, and the place in its design. */
export function dropped(at: Plan, row: Touchpoint, to: { x: number; y: number }): Change | null {
  const [x, y] = [to.x + NODE_WIDTH / 2, to.y + NODE_HEIGHT / 2];
  const lane = at.lanes.find((one) => x >= one.x && x <= one.x + one.width);
  if (!lane) return null;
  if (y > at.divider) return placed(row, lane, null);
  const others = lane.designed.filter((one) => one.id !== row.id);
  const place = Math.round((to.y - LANE_HEAD) / PITCH);
  return placed(row, lane, Math.min(Math.max(place, 0), others.length));
}

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

/** What it means to move a touchpoint one place with the keyboard; null where that is the end. */
export function shifted(at: Plan, row: Touchpoint, arrow: Arrow): Change | null {
  const index = at.nodes.find((node) => node.row.id === row.id)?.lane ?? -1;
  const lane = at.lanes[index];
  if (!lane) return null;
  const place = lane.designed.indexOf(row);
  if (arrow === 'ArrowLeft' || arrow === 'ArrowRight') {
    const next = at.lanes[index + (arrow === 'ArrowRight' ? 1 : -1)];
    if (!next) return null;
    return placed(row, next, row.role === 'free' ? null : next.designed.length);
  }
  if (!lane.stage) return null;
  if (place < 0) return arrow === 'ArrowUp' ? placed(row, lane, lane.designed.length) : null;
  if (arrow === 'ArrowDown') return placed(row, lane, place + 1 < lane.designed.length ? place + 1 : null);
  return place > 0 ? placed(row, lane, place - 1) : null;
}

/** The touchpoint that an arrow leads to: above or below, or the nearest of the next lane that has one. */
export function beside(at: Plan, from: number, arrow: Arrow): number | null {
  const here = at.nodes.find((node) => node.row.id === from);
  if (!here) return null;
  const isAcross = arrow === 'ArrowLeft' || arrow === 'ArrowRight';
  const sign = arrow === 'ArrowRight' || arrow === 'ArrowDown' ? 1 : -1;
  const ahead = at.nodes.filter((node) =>
    isAcross ? (node.x - here.x) * sign > 0 : node.x === here.x && (node.y - here.y) * sign > 0,
  );
  const far = (node: DrawnNode) =>
    isAcross ? Math.abs(node.x - here.x) * 1_000 + Math.abs(node.y - here.y) : Math.abs(node.y - here.y);
  return ahead.sort((a, b) => far(a) - far(b))[0]?.row.id ?? null;
}
