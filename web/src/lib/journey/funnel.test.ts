import { describe, expect, it } from 'vitest';
import { figures, readSteps, writeSteps } from './funnel';
import type { FunnelResult } from './types';

describe('the steps in the address', () => {
  it('are read and written the same', () => {
    expect(readSteps('3,5|6,9?')).toEqual([
      { touchpoints: [3], isOptional: false },
      { touchpoints: [5, 6], isOptional: false },
      { touchpoints: [9], isOptional: true },
    ]);
    expect(writeSteps(readSteps('3,5|6,9?'))).toBe('3,5|6,9?');
  });
  it('leave out what makes no sense', () => {
    expect(readSteps('3,x,?,5|,6')).toEqual([
      { touchpoints: [3], isOptional: false },
      { touchpoints: [6], isOptional: false },
    ]);
    expect(readSteps('')).toEqual([]);
    expect(writeSteps([{ touchpoints: [], isOptional: true }])).toBe('');
  });
});

describe('what a funnel loses', () => {
  const result = (...customers: number[]) =>
    ({
      steps: customers.map((one) => ({ customers: one, since_start: null, since_previous: null })),
    }) as FunnelResult;
  it('is what did not come from the step before', () => {
    const [first, second, third] = figures(result(200, 100, 25), readSteps('1,2,3'));
    expect(first).toEqual({ customers: 200, ofFirst: 1, ofPrevious: 1, lost: 0 });
    expect(second).toEqual({ customers: 100, ofFirst: 0.5, ofPrevious: 0.5, lost: 100 });
    expect(third).toEqual({ customers: 25, ofFirst: 0.125, ofPrevious: 0.25, lost: 75 });
  });
  it('is nobody at a step that may be left out, and is counted from the one before it', () => {
    const [, optional, last] = figures(result(200, 20, 150), readSteps('1,2?,3'));
    expect(optional).toMatchObject({ lost: 0, ofPrevious: 0.1 });
    expect(last).toMatchObject({ lost: 50, ofPrevious: 0.75 });
  });
  it('of nobody is nothing', () => {
    expect(figures(result(0, 0), readSteps('1,2'))[1]).toEqual({
      customers: 0,
      ofFirst: 0,
      ofPrevious: 0,
      lost: 0,
    });
  });
});
