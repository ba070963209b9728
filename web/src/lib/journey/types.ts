/** The shapes of journeys under the names that pages use. All of them come from the server's description. */
import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type Stage = Schemas['Stage'];
export type Touchpoint = Schemas['Touchpoint'];
/** The part of a touchpoint in the journey as it was designed. */
export type DesignRole = Schemas['TouchpointRole'];

export type Segment = Schemas['Segment'];
export type SegmentMember = Schemas['SegmentMember'];
export type SegmentFindings = Schemas['SegmentFindings'];

/** A touchpoint on the map. */
export type MapTouchpoint = Pick<
  Schemas['MapPlace'],
  'touchpoint' | 'events' | 'customers' | 'starts' | 'ends'
>;
export type MapEdge = Schemas['MapEdge'];
export type MapResult = Omit<Schemas['JourneyMap'], 'touchpoints'> & { touchpoints: MapTouchpoint[] };

/** The people behind a number. */
export type People = Schemas['JourneyPeople'];
/** A figure with its interval of 95 %. */
export type Estimate = Schemas['Estimate'];

export type FrictionResult = Schemas['FrictionResult'];
export type TouchpointFriction = Schemas['TouchpointFriction'];
export type Verdict = Schemas['FrictionVerdict'];
export type Why = Schemas['FrictionWhy'];
export type ServiceResult = Schemas['ServiceResult'];
export type ServiceShare = Schemas['ServiceShare'];
export type Activity = Schemas['Activity'];
export type LifecyclePeriod = Schemas['LifecyclePeriod'];
export type DemandReport = Schemas['DemandReport'];
export type Incident = Schemas['Incident'];

export type FunnelResult = Schemas['Funnel'];
export type FunnelPart = Schemas['FunnelPart'];
export type FunnelCount = Schemas['FunnelCount'];
/** What a funnel is asked. */
export type FunnelQuestion = {
  steps: string;
  order: 'ordered' | 'strict' | 'unordered';
  window_days: number;
  exclude: string | null;
};

export type PathsResult = Schemas['PathsResult'];
export type PathEdge = Schemas['PathEdge'];
export type RetentionCohort = Schemas['RetentionCohort'];
export type ConformanceResult = Schemas['ConformanceResult'];
export type Deviation = Schemas['Deviation'];
export type Fitness = Schemas['Fitness'];
export type VariantsResult = Schemas['VariantsResult'];
export type Variant = Schemas['Variant'];
export type StepMatrixResult = Schemas['StepMatrixResult'];
export type AttributionResult = Schemas['AttributionResult'];
export type Credit = Schemas['Credit'];
