#!/usr/bin/env bash
# The JSON Schema that zod makes of a schema judges other values than zod does, and a strict validator refuses some of them.
#
# Versions:  zod 4.6.7, ajv 8.17.1, ajv-formats 3.0.1 (npm), Node 20.
# Guess:     toJSONSchema throws for what JSON Schema cannot say ("unrepresentable": "throw" is its default), such as a pattern
#            with flags, and what it writes compiles everywhere.
# Seen:      the flags of a pattern are dropped: /i accepts for zod what the schema refuses. httpUrl() becomes any URI, though
#            zod wants a dot in the host and refuses http://server/. The protocol of url() is lost. multipleOf(0.01) is
#            written as it is: 19.99 is one for zod, not for ajv. A member with catch() is required in the schema of the
#            input, though zod does without. startsWith, includes, lowercase and base64 are written with formats of zod's
#            own beside the pattern, at which ajv in its strict mode throws.
# So:        who publishes such schemas (OpenRPC, OpenAPI) spells case as [Hh] and hosts as a pattern, removes the formats that
#            JSON Schema does not know, and tries both validators on the same values.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.17.1 ajv-formats@3.0.1

cat >try.cjs <<'JS'
const assert = require('node:assert');
const Ajv = require('ajv');
const addFormats = require('ajv-formats').default;
const z = require('zod');

const compile = (schema, strict) => {
  const ajv = new Ajv({ strict, logger: false });
  addFormats(ajv);
  return ajv.compile(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }));
};
const verdict = (taken) => (taken ? 'takes' : 'refuses');
const seen = {};
const values = [
  ['flag i', z.string().regex(/^https:/i), 'HTTPS://server'],
  ['flag m', z.string().regex(/^two$/m), 'one\ntwo'],
  ['httpUrl', z.httpUrl(), 'http://server/office'],
  ['url', z.url({ protocol: /^https?$/ }), 'http://server/office'],
  ['url with protocol', z.url({ protocol: /^https?$/ }), 'ftp://server/office'],
  ['multipleOf', z.number().multipleOf(0.01), 19.99],
  ['catch', z.object({ level: z.number().catch(1) }), {}],
  ['default', z.object({ level: z.number().default(1) }), {}],
];
for (const [name, schema, value] of values) {
  seen[name] = `zod ${verdict(schema.safeParse(value).success)}, ajv ${verdict(compile(schema, true)(value))}`;
}
const formats = {
  startsWith: z.string().startsWith('a'),
  includes: z.string().includes('a'),
  lowercase: z.string().lowercase(),
  base64: z.base64(),
  uuid: z.uuid(),
};
for (const [name, schema] of Object.entries(formats)) {
  try {
    compile(schema, true);
    seen[name] = 'compiles';
  } catch (error) {
    seen[name] = error.message.match(/^unknown format "\w+"/)[0];
  }
  // Without strict mode the pattern beside it is all there is to it.
  compile(schema, false);
}
console.log(seen);
assert.deepStrictEqual(seen, {
  'flag i': 'zod takes, ajv refuses',
  'flag m': 'zod takes, ajv refuses',
  httpUrl: 'zod refuses, ajv takes',
  url: 'zod takes, ajv takes',
  'url with protocol': 'zod refuses, ajv takes',
  multipleOf: 'zod takes, ajv refuses',
  catch: 'zod takes, ajv refuses',
  default: 'zod takes, ajv takes',
  startsWith: 'unknown format "starts_with"',
  includes: 'unknown format "includes"',
  lowercase: 'unknown format "lowercase"',
  base64: 'unknown format "base64"',
  uuid: 'compiles',
});
JS
timeout 60 node try.cjs
