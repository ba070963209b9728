/** What the map hands to its touchpoints and ways. */
import type { Point } from './routes';
import type { DesignRole } from './types';

export type PlaceData = {
  id: number;
  name: string;
  text: string;
  /** All of it in one sentence, to those who listen. */
  label: string;
  colour: string;
  role: DesignRole;
  isContact: boolean;
  /** The shares of all customers whose way begins and ends here; 0 where that is not worth a mark. */
  starts: number;
  ends: number;
  /** How often it came directly after itself. */
  again: number;
  isCurrent: boolean;
  isSelected: boolean;
  /** Something else is chosen, and this has nothing to do with it. */
  isFaint: boolean;
  open: () => void;
};
export type WayData = {
  path: string;
  head: string;
  at: Point;
  width: number;
  colour: string;
  label: string;
  isSelected: boolean;
  isFaint: boolean;
};

/** What is chosen on the map: a touchpoint, or a way between two. */
export type Chosen = { touchpoint: number } | { from: number; to: number } | null;

/** As it stands in the address: `3`, `3-5`. */
export function readChosen(text: string): Chosen {
  const found = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!found) return null;
  if (found[2] === undefined) return { touchpoint: Number(found[1]) };
  return { from: Number(found[1]), to: Number(found[2]) };
}
export function writeChosen(chosen: Chosen): string {
  if (!chosen) return '';
  return 'touchpoint' in chosen ? String(chosen.touchpoint) : `${chosen.from}-${chosen.to}`;
}
