import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { offeredFix, segments, toGsm } from './segments';

type Vector = {
  text: string;
  encoding: string;
  units: number;
  parts: number;
  culprits: string[];
  fixed: string;
};
const file = new URL('../../../crates/domain/testdata/segments.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));

it('agrees with the server on every shared vector', () => {
  expect(vectors.length).toBeGreaterThan(25);
  for (const { text, fixed, ...expected } of vectors) {
    expect({ text, ...segments(text) }).toMatchObject({ text, ...expected });
    expect(toGsm(text)).toBe(fixed);
  }
});

it('offers a fix only where it helps', () => {
  const curly = `It\u2019s ready. ${'a'.repeat(70)}`;
  expect(offeredFix(curly)).toMatchObject({ signs: ['\u2019'], saves: 1 });
  expect(offeredFix('It\u2019s ready')).toMatchObject({ saves: 0 });
  expect(offeredFix('plain')).toBeNull();
  // The emoji stays what it is, so replacing the quote wins nothing.
  expect(offeredFix('It\u2019s ready \u{1f600}')).toBeNull();
});
