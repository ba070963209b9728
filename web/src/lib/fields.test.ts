import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldWords } from './faults';
import { RULES } from './fields';
import { getLocale, overwriteGetLocale } from './paraglide/runtime';

const crates = new URL('../../../crates/', import.meta.url);
const server = readdirSync(crates, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.rs'))
  .map((path) => readFileSync(new URL(path, crates), 'utf8'))
  .join('\n');

describe('what is wrong with a field', () => {
  const before = getLocale();
  beforeAll(() => overwriteGetLocale(() => 'de'));
  afterAll(() => overwriteGetLocale(() => before));

  it('is said in the reader’s language', () => {
    expect(fieldWords('must not be empty')).toBe('Das fehlt noch.');
    expect(fieldWords('must have 10 to 200 characters')).toBe('Zwischen 10 und 200 Zeichen.');
  });
  it.each([
    ["knows no 'nmae'; did you mean 'name'?", '„nmae“ kennt eine Regel nicht; ist „name“ gemeint?'],
    ["knows no touchpoint 'Cart'", 'Kein Kontaktpunkt heißt „Cart“.'],
    ["names no column: 'guest' is not in the file", 'Die Datei hat keine Spalte „guest“.'],
    ['the file is empty', 'Die Datei ist leer.'],
  ])('of a rule or a file is said in the reader’s language, too: %s', (phrase, words) =>
    expect(fieldWords(phrase)).toBe(words),
  );
  it('is said in the server’s words where we have none', () => {
    expect(fieldWords('is blue')).toBe('Is blue.');
    expect(fieldWords('')).toBe('');
  });
  it.each(RULES.map(([phrase]) => phrase))('is said by the server: %s', (phrase) => {
    // A number stands in the server's source as itself or as a value to be put in.
    const inSource = phrase.source.replace(/^\^|\$$/g, '').replaceAll('(\\d+)', '(?:\\d+|\\{\\w*\\})');
    // What may have been meant is put behind some.
    expect(new RegExp(`"${inSource}(?:\\{\\w*\\})?"`).test(server)).toBe(true);
  });
});
