import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLocale, overwriteGetLocale } from '../paraglide/runtime';
import { problemWords, RULES } from './problems';

const crate = new URL('../../../../crates/flow/src/', import.meta.url);
const sources = readdirSync(crate, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.rs'))
  .map((path) => readFileSync(new URL(path, crate), 'utf8').split('#[cfg(test)]')[0]!)
  .join('\n');

/** What the server complains of, with something in the place of every value. */
const said = [...sources.matchAll(/(?:\.error|\.warning|Problem::error)\(\s*[^"]*?"((?:[^"\\]|\\.)*)"/g)].map(
  ([, text]) =>
    text!
      .replace('{problem}', "cannot call 'x'")
      .replaceAll('{{', '\u0001')
      .replaceAll('}}', '\u0002')
      .replace(/\{hint\}|\{\}$/g, '')
      .replace(/\{what\}|^\{\}(?= (needs|has))/g, "'title'")
      .replace(/\{\w*\}/g, 'x')
      .replaceAll('\u0001', '{')
      .replaceAll('\u0002', '}')
      .replaceAll('\\"', '"'),
);

describe('what is wrong with a definition', () => {
  const before = getLocale();
  beforeAll(() => overwriteGetLocale(() => 'de'));
  afterAll(() => overwriteGetLocale(() => before));

  it('is found in the server’s source', () => expect(said.length).toBeGreaterThan(45));
  it.each(said)('has words of ours: %s', (phrase) => {
    expect(RULES.some(([pattern]) => pattern.test(phrase))).toBe(true);
  });
  it.each(RULES.map(([pattern]) => pattern))('is said by the server: %s', (pattern) => {
    expect(said.some((phrase) => pattern.test(phrase))).toBe(true);
  });
  it.each([
    [
      "step 'ask' goes to 'handof', which is not there; did you mean 'handoff'?",
      'Schritt „ask“ führt zu „handof“, das es nicht gibt; ist „handoff“ gemeint?',
    ],
    ["step 'ask' needs 'text'", 'Schritt „ask“: „text“ fehlt'],
    [
      "a trigger has no 'word'; it may have keyword, only",
      'ein Auslöser: „word“ gibt es da nicht; möglich sind keyword, only',
    ],
    ["'say' must be a text", "'say': muss ein Text sein"],
    ['something new', 'something new'],
  ])('is said in the reader’s language: %s', (phrase, words) => expect(problemWords(phrase)).toBe(words));
});
