#!/usr/bin/env bash
# esbuild writes values of a module into a bundle, but leaves it out of the metafile's outputs and of the legal comments.
#
# Versions:  esbuild 0.28.2 (npm).
# Guess:     the inputs of an output in the metafile are the modules with something in that output, and bytesInOutput is how
#            much. --legal-comments keeps the licence of each. "sideEffects": false only removes what nothing is used of.
# Seen:      the values of an enum, numbers (minified), and functions declared to return their argument (minified) are written
#            where they are used. The module then counts 0 bytes though its text stands in the bundle, in the bytes of the
#            other. If its package says "sideEffects": false, it is not among the inputs of the output at all, and its licence
#            comment is in no file. One function that is not inlined brings both back. `inputs` at the top has it each time.
# So:        who lists licences or components of a bundle takes the packages of the metafile's top-level `inputs`, and their
#            licence files, instead of bytesInOutput or legal comments.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact esbuild@0.28.2

cat >try.mjs <<'JS'
import assert from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

mkdirSync('node_modules/licensed');
const use = {
  'an enum': "import { Reason } from 'licensed'; console.log(Reason.Refused);",
  'a number': "import { limit } from 'licensed'; console.log(limit);",
  'a function that returns its argument': "import { same } from 'licensed'; console.log(same(process.argv));",
  'another function': "import { twice } from 'licensed'; console.log(twice(process.argv));",
};
writeFileSync(
  'node_modules/licensed/index.ts',
  `/*! The licence that has to be kept. */
export enum Reason { Refused = 'text of the licensed package' }
export const limit = 4711;
export function same(value: unknown) { return value; }
export const twice = (value: unknown) => [value, value];
`,
);

const seen = {};
for (const sideEffects of [true, false]) {
  const manifest = { name: 'licensed', version: '1.0.0', type: 'module', main: 'index.ts', sideEffects };
  writeFileSync('node_modules/licensed/package.json', JSON.stringify(manifest));
  for (const [what, text] of Object.entries(use)) {
    writeFileSync('app.mts', text);
    const { metafile, outputFiles } = await build({
      entryPoints: ['app.mts'],
      outfile: 'out.js',
      bundle: true,
      format: 'esm',
      platform: 'node',
      minify: true,
      legalComments: 'linked',
      metafile: true,
      write: false,
    });
    const file = 'node_modules/licensed/index.ts';
    const listed = metafile.outputs['out.js'].inputs[file];
    const licence = outputFiles.some((output) => output.text.includes('has to be kept'));
    assert.ok(file in metafile.inputs);
    const bytes = listed === undefined ? 'not listed' : listed.bytesInOutput === 0 ? '0 bytes' : 'some bytes';
    seen[`${what}${sideEffects ? '' : ', no side effects'}`] = `${bytes}, ${licence ? 'with' : 'without'} the licence`;
    if (what === 'an enum') assert.match(outputFiles.find(({ path }) => path.endsWith('.js')).text, /text of the licensed package/);
    if (what === 'a number') assert.match(outputFiles.find(({ path }) => path.endsWith('.js')).text, /4711/);
  }
}
console.log(seen);
assert.deepStrictEqual(seen, {
  'an enum': '0 bytes, with the licence',
  'a number': '0 bytes, with the licence',
  'a function that returns its argument': '0 bytes, with the licence',
  'another function': 'some bytes, with the licence',
  'an enum, no side effects': 'not listed, without the licence',
  'a number, no side effects': 'not listed, without the licence',
  'a function that returns its argument, no side effects': 'not listed, without the licence',
  'another function, no side effects': 'some bytes, with the licence',
});
JS
timeout 60 node try.mjs
