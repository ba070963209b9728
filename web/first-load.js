/**
 * Weighs the script that the inbox with an open conversation loads before anything can be done there, as a browser gets it
 * (gzip at its usual level 6), and fails when it is too much. Runs after the build; what is loaded later does not count.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 200_000;
const PAGE = ['+layout', '(app)/+layout', '(app)/inbox/+layout', '(app)/inbox/[id]/+page'];
const CLIENT = '.svelte-kit/output/client';
const NODES = '.svelte-kit/generated/client-optimized/nodes';

const read = (path) => readFileSync(new URL(path, import.meta.url));
const manifest = JSON.parse(read(`${CLIENT}/.vite/manifest.json`));
const chunks = Object.keys(manifest);

/** The chunk of a layout or page: the one whose source exports that component. */
function nodeOf(component) {
  const isIt = (key) =>
    key.startsWith(NODES) && String(read(key)).includes(`/src/routes/${component}.svelte"`);
  const found = chunks.find(isIt);
  if (!found) throw new Error(`no chunk is made from src/routes/${component}.svelte`);
  return found;
}

const entries = chunks.filter((key) => ['entry/start', 'entry/app'].includes(manifest[key].name));
if (entries.length !== 2) throw new Error('the chunks that start the app are not in the manifest');

const first = new Set();
function load(key) {
  if (first.has(key)) return;
  first.add(key);
  manifest[key].imports?.forEach(load);
}
[...entries, ...PAGE.map(nodeOf)].forEach(load);

const sizes = [...first].map((key) => gzipSync(read(`${CLIENT}/${manifest[key].file}`), { level: 6 }).length);
const total = sizes.reduce((sum, size) => sum + size, 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `first load of the inbox: ${kb(total)} of script in ${first.size} files (gzip), at most ${kb(BUDGET_BYTES)}`,
);
if (total > BUDGET_BYTES) {
  console.error('The inbox loads too much at first: import what is not needed at once when it is needed.');
  process.exit(1);
}
