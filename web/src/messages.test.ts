import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Catalogue = Record<string, unknown>;
const read = (locale: string, file: string): Catalogue =>
  JSON.parse(readFileSync(new URL(`../messages/${locale}/${file}.json`, import.meta.url), 'utf8'));
const inputs = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{(\w+)\}/g) ?? [])].sort();

const source = new URL('.', import.meta.url);
const sources = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !path.includes('paraglide') && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(new URL(path, source), 'utf8'))
  .join('\n');

const FILES = ['base', 'desk', 'office', 'events', 'flows', 'journeys'];

describe.each(FILES)('the catalogue %s', (file) => {
  const [en, de] = [read('en', file), read('de', file)];

  it('has the same messages in both languages', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });
  it('leaves no message empty', () => {
    const blank = (text: unknown): boolean =>
      typeof text === 'string'
        ? text.trim() === ''
        : Object.values(text as object).length === 0 || Object.values(text as object).some(blank);
    for (const catalogue of [en, de])
      expect(Object.keys(catalogue).filter((key) => blank(catalogue[key]))).toEqual([]);
  });
  it('holds no message that nobody says', () => {
    const said = new Set(sources.match(/\bm\.[a-z0-9_]+/g));
    const dumb = Object.keys(en).filter((key) => key !== '$schema' && !said.has(`m.${key}`));
    expect(dumb).toEqual([]);
  });
  it('puts the same values into them', () => {
    for (const key of Object.keys(en)) expect([key, inputs(de[key])]).toEqual([key, inputs(en[key])]);
  });
});

it('no message stands in two catalogues', () => {
  const keys = FILES.flatMap((file) => Object.keys(read('en', file)));
  const twice = keys.filter((key, index) => key !== '$schema' && keys.indexOf(key) !== index);
  expect(twice).toEqual([]);
});
