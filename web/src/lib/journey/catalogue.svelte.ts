/** The touchpoints and stages, as every page about journeys needs them. Loaded once, and again when they were changed. */
import { Loaded } from '../loaded.svelte';
import { m } from '../paraglide/messages';
import { all } from '../api/client';
import type { Stage, Touchpoint } from './types';
import { nameOf } from './words';

class Catalogue {
  both = new Loaded(async () => {
    const [touchpoints, stages] = await Promise.all([all('/touchpoints'), all('/stages')]);
    return { touchpoints, stages: [...stages].sort((a, b) => a.position - b.position) };
  });
  readonly touchpoints: Touchpoint[] = $derived(this.both.value?.touchpoints ?? []);
  readonly stages: Stage[] = $derived(this.both.value?.stages ?? []);
  readonly byId = $derived(new Map(this.touchpoints.map((one) => [one.id, one])));
  /** The channels that touchpoints name. */
  readonly channels = $derived(
    [...new Set(this.touchpoints.map((one) => one.channel))].filter(Boolean).sort(),
  );

  /** What a touchpoint of a result is called; `null` stands for all others there. */
  name(touchpoint: number | null): string {
    if (touchpoint === null) return m.journey_others();
    const known = this.byId.get(touchpoint);
    return known ? nameOf(known) : m.journey_unknown({ number: touchpoint });
  }

  stageOf(touchpoint: number): Stage | null {
    const stage = this.byId.get(touchpoint)?.stage ?? null;
    return this.stages.find((one) => one.id === stage) ?? null;
  }

  /** "Book · website": where it belongs. */
  where(touchpoint: number): string {
    const stage = this.stageOf(touchpoint)?.name ?? m.journey_unplaced();
    return [stage, this.byId.get(touchpoint)?.channel].filter(Boolean).join(' · ');
  }
}

export const catalogue = new Catalogue();
