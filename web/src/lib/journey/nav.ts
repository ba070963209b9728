/** The pages about journeys, in the order of their bar. */
import { m } from '../paraglide/messages';
import type { SavedQuestion } from './saved.svelte';

export type JourneyPage = {
  path: string;
  label: () => string;
  /** What it is called where there is room for more than in the bar. */
  title?: () => string;
  /** What its questions are saved for. */
  saved?: SavedQuestion['page'];
};

export const JOURNEY_PAGES: JourneyPage[] = [
  { path: '/journeys', label: m.journey_map, title: m.area_journeys, saved: 'map' },
  {
    path: '/journeys/conformance',
    label: m.journey_conformance,
    title: m.journey_conformance_title,
    saved: 'conformance',
  },
  { path: '/journeys/friction', label: m.journey_friction, saved: 'friction' },
  { path: '/journeys/variants', label: m.journey_variants, saved: 'variants' },
  { path: '/journeys/funnels', label: m.journey_funnels, saved: 'funnels' },
  { path: '/journeys/paths', label: m.journey_paths, saved: 'paths' },
  { path: '/journeys/retention', label: m.journey_retention, saved: 'retention' },
  { path: '/journeys/attribution', label: m.journey_attribution, saved: 'attribution' },
  { path: '/journeys/segments', label: m.journey_segments },
  { path: '/journeys/touchpoints', label: m.journey_touchpoints },
];
