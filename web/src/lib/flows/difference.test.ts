import { describe, expect, it } from 'vitest';
import { difference } from './difference';

const drawn = (from: string, to: string) =>
  difference(from, to).map(({ kind, text }) => ({ same: ' ', gone: '-', new: '+' })[kind] + text);

describe('the difference of two texts', () => {
  it('keeps what both have', () => {
    expect(drawn('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
    expect(drawn('a\nb\nc\nd', 'b\nd')).toEqual(['-a', ' b', '-c', ' d']);
  });
  it('is nothing between equal texts and everything between others', () => {
    expect(drawn('a\nb', 'a\nb')).toEqual([' a', ' b']);
    expect(drawn('a', 'b')).toEqual(['-a', '+b']);
  });
  it('leads from the one to the other', () => {
    const [from, to] = ['x\ny\n\nz\ny', 'y\n\ny\nz'];
    const lines = difference(from, to);
    const without = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text);
    expect(without('new').join('\n')).toBe(from);
    expect(without('gone').join('\n')).toBe(to);
  });
});
