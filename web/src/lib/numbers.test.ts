import { describe, expect, it } from 'vitest';
import { count, duration, percent } from './numbers';

describe('numbers in words', () => {
  it.each([
    [0, '0 s'],
    [41.4, '41 s'],
    [134, '2 min 14 s'],
    [120, '2 min'],
    [3_600 * 3 + 299, '3 h 4 min'],
    [86_400 * 2 + 3_600 * 4, '2 d 4 h'],
    [86_400 + 30, '1 d'],
  ])('%d seconds are %s', (seconds, words) => expect(duration(seconds)).toBe(words));

  it('follow the language', () => {
    expect(percent(0.614, 'en')).toBe('61%');
    expect(percent(0.614, 'de')).toBe('61\u00a0%');
    expect(count(1204.25, 'en')).toBe('1,204.3');
  });
});
