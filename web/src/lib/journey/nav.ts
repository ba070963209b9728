/** The pages about journeys, in the order of their bar. */
import { m } from '../paraglide/messages';

/** `title` is what a page is called where there is room for more than in the bar. */
export type JourneyPage = { path: string; label: () => string; title?: () => string };

export const JOURNEY_PAGES: JourneyPage[] = [
  { path: '/journeys', label: m.journey_map, title: m.area_journeys },
  { path: '/journeys/conformance', label: m.journey_conformance, title: m.journey_conformance_title },
  { path: '/journeys/friction', label: m.journey_friction },
  { path: '/journeys/variants', label: m.journey_variants },
  { path: '/journeys/funnels', label: m.journey_funnels },
  { path: '/journeys/paths', label: m.journey_paths },
  { path: '/journeys/retention', label: m.journey_retention },
  { path: '/journeys/attribution', label: m.journey_attribution },
  { path: '/journeys/touchpoints', label: m.journey_touchpoints },
];
