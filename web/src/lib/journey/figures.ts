/** Small sums about a map. Pure. */
import { laneOf, type LaneKey } from './lanes';
import type { MapResult, Stage, Touchpoint } from './types';

/** The touchpoints that the designed journey cannot do without, in its order. */
export function designed(touchpoints: Touchpoint[], stages: Stage[]): number[] {
  const place = new Map(stages.map((stage) => [stage.id, stage.position]));
  return touchpoints
    .filter((one) => one.role === 'required' && one.stage !== null && place.has(one.stage))
    .sort((a, b) => place.get(a.stage!)! - place.get(b.stage!)! || a.position - b.position)
    .map((one) => one.id);
}

/** How often people were in each lane. */
export function visits(map: MapResult, touchpoints: Touchpoint[], stages: Stage[]): Map<LaneKey, number> {
  const known = new Set(stages.map((stage) => stage.id));
  const lanes = new Map(touchpoints.map((one) => [one.id, laneOf(one, known)]));
  const sums = new Map<LaneKey, number>();
  for (const { touchpoint, events } of map.touchpoints) {
    const lane = lanes.get(touchpoint) ?? 'unplaced';
    sums.set(lane, (sums.get(lane) ?? 0) + events);
  }
  return sums;
}
