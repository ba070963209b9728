import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Catalogue = Record<string, unknown>;
const read = (locale: string, file: string): Catalogue =>
  JSON.parse(readFileSync(new URL(`../messages/${locale}/${file}.json`, import.meta.url), 'utf8'));
const inputs = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{(\w+)\}/g) ?? [])].sort();

describe.each(['base', 'desk', 'office'])('the catalogue %s', (file) => {
  const [en, de] = [read('en', file), read('de', file)];

  it('has the same messages in both languages', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });
  it('puts the same values into them', () => {
    for (const key of Object.keys(en)) expect([key, inputs(de[key])]).toEqual([key, inputs(en[key])]);
  });
});

it('no message stands in two catalogues', () => {
  const keys = ['base', 'desk', 'office'].flatMap((file) => Object.keys(read('en', file)));
  const twice = keys.filter((key, index) => key !== '$schema' && keys.indexOf(key) !== index);
  expect(twice).toEqual([]);
});
