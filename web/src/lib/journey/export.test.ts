import { describe, expect, it } from 'vitest';
import { csv } from './export';

describe('rows as CSV', () => {
  it('are told apart by commas, and quoted where they must be', () => {
    expect(
      csv([
        ['a', 1.5, null],
        ['b, "c"', 'd\ne'],
      ]),
    ).toBe('a,1.5,\r\n"b, ""c""","d\ne"\r\n');
  });
  it('hold words, and no formula', () => {
    expect(csv([['=1+1', '@x', -3]])).toBe("'=1+1,'@x,-3\r\n");
  });
});
