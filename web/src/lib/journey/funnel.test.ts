import { describe, expect, it } from 'vitest';
import { figures, readExclusions, readSplit, readSteps } from './funnel';
import { writeExclusions, writeSplit, writeSteps } from './funnel';

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

describe('what must not come on the way', () => {
  it('is read and written the same', () => {
    expect(readExclusions('7|8:1-2,9', 3)).toEqual([
      { touchpoints: [7, 8], between: { from: 1, to: 2 } },
      { touchpoints: [9], between: null },
    ]);
    expect(writeExclusions(readExclusions('7|8:1-2,9', 3))).toBe('7|8:1-2,9');
  });
  it('is between no steps where they come in any order', () => {
    expect(writeExclusions(readExclusions('7:1-2', 3), true)).toBe('7');
  });
  it('leaves out what is between steps that are not there', () => {
    expect(readExclusions('7:1-3,8:2-2,9:0-1,x,:1-2,', 2)).toEqual([]);
  });
});

describe('what customers are told apart by', () => {
  it('is read and written the same', () => {
    for (const text of ['first', 'channel', '2', 'segments:4,7'])
      expect(writeSplit(readSplit(text, 2, [4, 7, 9]))).toBe(text);
  });
  it('is nothing that is not there', () => {
    for (const text of ['', '3', '0', '1.5', 'segments:5', 'segments:', 'last'])
      expect(writeSplit(readSplit(text, 2, [4]))).toBeNull();
    expect(readSplit('segments:4,5,4', 2, [4])).toEqual({ by: 'segments', segments: [4] });
  });
});

describe('what a funnel loses', () => {
  it('is what did not come from the step before', () => {
    const [first, second, third] = figures([200, 100, 25], readSteps('1,2,3'));
    expect(first).toEqual({ customers: 200, ofFirst: 1, ofPrevious: 1, lost: 0 });
    expect(second).toEqual({ customers: 100, ofFirst: 0.5, ofPrevious: 0.5, lost: 100 });
    expect(third).toEqual({ customers: 25, ofFirst: 0.125, ofPrevious: 0.25, lost: 75 });
  });
  it('is nobody at a step that may be left out, and is counted from the one before it', () => {
    const [, optional, last] = figures([200, 20, 150], readSteps('1,2?,3'));
    expect(optional).toMatchObject({ lost: 0, ofPrevious: 0.1 });
    expect(last).toMatchObject({ lost: 50, ofPrevious: 0.75 });
  });
  it('of nobody is nothing', () => {
    expect(figures([0, 0], readSteps('1,2'))[1]).toEqual({
      customers: 0,
      ofFirst: 0,
      ofPrevious: 0,
      lost: 0,
    });
  });
});
