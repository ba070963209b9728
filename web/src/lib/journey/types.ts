/** The shapes of journeys as pages use them. */

/** A stage of the journey. */
export type Stage = { id: number; name: string; position: number };

/** The part of a touchpoint in the journey as it was designed. */
export type DesignRole = 'free' | 'optional' | 'required';

/** A touchpoint of the catalogue. */
export type Touchpoint = {
  /** The number that all results use. */
  id: number;
  name: string;
  is_named: boolean;
  signature: string | null;
  rule: string | null;
  position: number;
  stage: number | null;
  channel: string;
  is_contact: boolean;
  is_hidden: boolean;
  role: DesignRole;
  repeats: boolean;
  events: number;
  customers: number;
  last_at: number | null;
};

/** Figures of durations, in milliseconds. */
export type Durations = { count: number; mean_ms: number; median_ms: number; p90_ms: number };
/** A figure with its interval of 95 %. */
export type Estimate = { value: number; low: number; high: number };

export type MapTouchpoint = {
  touchpoint: number;
  events: number;
  customers: number;
  starts: number;
  ends: number;
};
export type MapEdge = {
  from: number;
  to: number;
  count: number;
  customers: number | null;
  durations: Durations | null;
};
export type MapResult = { events: number; customers: number; touchpoints: MapTouchpoint[]; edges: MapEdge[] };
