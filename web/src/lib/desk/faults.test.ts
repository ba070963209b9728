import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLocale, overwriteGetLocale } from '../paraglide/runtime';
import { faultWords, RULES } from './faults';

const crates = new URL('../../../../crates/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, crates), 'utf8');
const server = readdirSync(crates, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.rs'))
  .map(read)
  .join('\n');
const codes = read('channel/src/twilio/errors.rs').split('/// Says what a code means')[0]!;

describe('why something did not get through', () => {
  const before = getLocale();
  beforeAll(() => overwriteGetLocale(() => 'de'));
  afterAll(() => overwriteGetLocale(() => before));

  it.each([...codes.matchAll(/"(.*)"/g)].map(([, phrase]) => phrase!))('has words of ours: %s', (phrase) =>
    expect(faultWords(phrase)).not.toBe(phrase),
  );
  it.each(RULES.map(([phrase]) => phrase))('is said by the server: %s', (phrase) => {
    // A value stands in the server's source as something to be put in.
    const inSource = phrase.source.replace(/^\^|\$$/g, '').replaceAll('(.*)', '\\{\\w*\\}');
    expect(new RegExp(`"${inSource}"`).test(server)).toBe(true);
  });
  it('is left in the provider’s words where we have none', () => {
    expect(faultWords('Unable to create record')).toBe('Unable to create record');
    expect(faultWords('the provider reports error 7')).toBe('der Anbieter meldet den Fehler 7');
  });
});
