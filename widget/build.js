/**
 * Builds the two files that a page gets, and weighs them as a browser gets them: the loader that stands in the page, and the chat
 * that it fetches when somebody wants it. The web app's build takes them along, so that the server carries them.
 */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGETS = { loader: 6_000, all: 25_000 };
const common = { bundle: true, minify: true, target: ['es2022'], legalComments: 'none', charset: 'utf8' };
await build({
  ...common,
  entryPoints: ['src/loader.ts'],
  format: 'iife',
  outfile: '../web/static/widget.js',
});
await build({
  ...common,
  entryPoints: ['src/app.ts'],
  format: 'esm',
  outfile: '../web/static/widget/app.js',
});

const size = (name) =>
  gzipSync(readFileSync(new URL(`../web/static/${name}`, import.meta.url)), { level: 6 }).length;
const [loader, app] = [size('widget.js'), size('widget/app.js')];
console.log(
  `chat widget: loader ${loader} of ${BUDGETS.loader} bytes, all ${loader + app} of ${BUDGETS.all} (gzip)`,
);
if (loader > BUDGETS.loader || loader + app > BUDGETS.all) {
  console.error('The chat widget is too large.');
  process.exit(1);
}
