/** The pages about journeys, in the order of their bar. */
import { m } from '../paraglide/messages';

export const JOURNEY_PAGES = [
  { path: '/journeys', label: m.journey_map },
  { path: '/journeys/friction', label: m.journey_friction },
  { path: '/journeys/funnels', label: m.journey_funnels },
  { path: '/journeys/paths', label: m.journey_paths },
  { path: '/journeys/retention', label: m.journey_retention },
  { path: '/journeys/touchpoints', label: m.journey_touchpoints },
];
