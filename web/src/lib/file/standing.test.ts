import { describe, expect, it } from 'vitest';
import { missed, next, possible, stops, type CustomerJourney } from './standing';

type State = CustomerJourney['stages'][number]['steps'][number]['state'];
const step = (id: number, state: State, is_required = true) => ({
  touchpoint: { id, name: `t${id}`, is_named: true, signature: null, channel: '' },
  is_required,
  state,
  met_at: null,
});
const journey = (stage: number | null): CustomerJourney => ({
  meetings: 3,
  last: null,
  stage: stage === null ? null : { id: stage, name: `s${stage}` },
  since: null,
  due: null,
  stages: [
    { stage: { id: 1, name: 's1' }, steps: [step(1, 'met'), step(2, 'missed'), step(3, 'left', false)] },
    { stage: { id: 2, name: 's2' }, steps: [step(4, 'met'), step(5, 'ahead', false)] },
    { stage: { id: 3, name: 's3' }, steps: [step(6, 'ahead'), step(7, 'ahead')] },
    { stage: { id: 4, name: 's4' }, steps: [step(8, 'ahead')] },
  ],
});

describe('where a customer is', () => {
  it('is told by the stages', () => {
    expect(stops(journey(2)).map((stop) => stop.state)).toEqual(['reached', 'here', 'ahead', 'ahead']);
    expect(stops(journey(null)).map((stop) => stop.state)).toEqual(['ahead', 'ahead', 'ahead', 'ahead']);
  });
  it('says what is missing, and what is required next', () => {
    expect(missed(journey(2)).map((one) => one.touchpoint.id)).toEqual([2]);
    expect(possible(journey(2)).map((one) => one.touchpoint.id)).toEqual([5]);
    expect(next(journey(2)).map((one) => one.touchpoint.id)).toEqual([6, 7]);
  });
});
