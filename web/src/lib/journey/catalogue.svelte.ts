/** The touchpoints and stages, as every page about journeys needs them. Loaded once, and again when they were changed. */
import { Loaded } from '../loaded.svelte';
import { m } from '../paraglide/messages';
import { all } from '../api/client';
import { laneOf, type LaneKey } from './lanes';
import type { Choice } from '../ui/Picker.svelte';
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
  readonly #named = $derived.by(() => {
    const counts = new Map<string, number>();
    for (const one of this.touchpoints) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
    return counts;
  });
  /** The channels that touchpoints name. */
  readonly channels = $derived(
    [...new Set(this.touchpoints.map((one) => one.channel))].filter(Boolean).sort(),
  );

  /** What a touchpoint of a result is called; `null` stands for all others there. */
  name(touchpoint: number | null): string {
    if (touchpoint === null) return m.journey_others();
    const known = this.byId.get(touchpoint);
    if (!known) return m.journey_unknown({ number: touchpoint });
    const name = nameOf(known);
    // "Rooms" says enough, unless a page and a screen are called so.
    return (this.#named.get(name) ?? 0) > 1 ? nameOf(known, true) : name;
  }

  /** The touchpoints to choose from, those with the most visits first. */
  choices(chosen: number[]): Choice[] {
    return this.touchpoints
      .filter((one) => !one.is_hidden)
      .sort((a, b) => b.events - a.events)
      .map(({ id }) => ({
        id: String(id),
        label: this.name(id),
        hint: this.where(id),
        on: chosen.includes(id),
      }));
  }

  stageOf(touchpoint: number): Stage | null {
    const stage = this.byId.get(touchpoint)?.stage ?? null;
    return this.stages.find((one) => one.id === stage) ?? null;
  }

  /** "Book · website": where it belongs. */
  where(touchpoint: number): string {
    const row = this.byId.get(touchpoint);
    const key = row ? laneOf(row, new Set(this.stages.map((stage) => stage.id))) : 'unplaced';
    return [laneName({ key, stage: this.stageOf(touchpoint) }), row?.channel].filter(Boolean).join(' · ');
  }
}

/** What a lane of the map is called. */
export const laneName = ({ key, stage }: { key: LaneKey; stage: Stage | null }): string =>
  stage?.name ?? (key === 'service' ? m.journey_service() : m.journey_unplaced());

export const catalogue = new Catalogue();
