/** Where a customer is in the designed journey, sorted for the file. Pure. */
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type CustomerJourney = Schemas['CustomerJourney'];
export type CustomerStep = Schemas['CustomerStep'];
export type Stop = { id: number; name: string; state: 'reached' | 'here' | 'ahead' };

/** The stages in order, with how far the customer has come. */
export function stops({ stages, stage }: CustomerJourney): Stop[] {
  const here = stages.findIndex((one) => one.stage.id === stage?.id);
  return stages.map(({ stage: { id, name } }, index) => ({
    id,
    name,
    state: index === here ? 'here' : index < here ? 'reached' : 'ahead',
  }));
}

/** What should have come before what has. */
export const missed = ({ stages }: CustomerJourney): CustomerStep[] =>
  stages.flatMap(({ steps }) => steps.filter((step) => step.state === 'missed'));

/** What is required next: all of it in the first stage that still waits for something. */
export function next({ stages }: CustomerJourney): CustomerStep[] {
  const waiting = (steps: CustomerStep[]) =>
    steps.filter((step) => step.is_required && step.state === 'ahead');
  return stages.map(({ steps }) => waiting(steps)).find((steps) => steps.length > 0) ?? [];
}

/** What may still come, where nothing is required. */
export const possible = ({ stages }: CustomerJourney): CustomerStep[] =>
  stages.flatMap(({ steps }) => steps.filter((step) => !step.is_required && step.state === 'ahead'));
