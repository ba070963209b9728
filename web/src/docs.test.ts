import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The guide to the desk tells of keys and words that are really there. */
const here = new URL('.', import.meta.url);
const guide = readFileSync(new URL('../../docs/desk.md', here), 'utf8');
const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !path.includes('paraglide') && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(new URL(path, here), 'utf8'))
  .join('\n');
const english = new URL('../messages/en/', here);
const said = new Set(
  readdirSync(english)
    .flatMap((file) => Object.values(JSON.parse(readFileSync(new URL(file, english), 'utf8')) as object))
    .filter((text) => typeof text === 'string')
    .map((text) => (text as string).toLowerCase()),
);

const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
const keys = rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, key]) => key!));
const words = [...guide.matchAll(/(?<!\*)\*([^*]+)\*/g)].flatMap(([, text]) => text!.split(' → '));

it.each(keys)('the key %s is obeyed', (key) => {
  const name = /^(Ctrl|Alt) /.test(key) ? key.replace('Ctrl', 'Mod').replaceAll(' ', '+') : key;
  expect(sources).toContain(`keys: '${name}'`);
});
it.each([...new Set(words)].filter((word) => word !== 'italics'))('“%s” stands on the screen', (word) => {
  expect(said.has(word.toLowerCase())).toBe(true);
});
