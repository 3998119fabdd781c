#!/usr/bin/env bash
# What @open-rpc/typings makes of `"type": ["string", "null"]` does not compile, unless the object around it has a title.
#
# Versions:  @open-rpc/typings 1.13.1, @open-rpc/schema-utils-js 2.2.1, TypeScript 5.9.3 (npm), Node 20, Python 3.
# Guess:     a valid OpenRPC document gives TypeScript that compiles; a type that is an array becomes a union, with at most
#            the warning that arrays are "not advisable".
# Seen:      an object without a title is called by a hash of its schema. The array is rewritten in place while the types are
#            made, so that the type is declared under one hash and used under another: "Cannot find name". An `anyOf`
#            of the same two types compiles, and so does the array where the object has a title. The Python that it makes has
#            the members of an enumeration capitalised, and is a syntax error where one of them is "none".
# So:        a document from which clients are generated has a title for each object and no arrays as types; zod writes them
#            for what is nullable.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @open-rpc/typings@1.13.1 @open-rpc/schema-utils-js@2.2.1 typescript@5.9.3

cat >make.cjs <<'JS'
const { writeFileSync } = require('node:fs');
const Typings = require('@open-rpc/typings').default;
const { parseOpenRPCDocument } = require('@open-rpc/schema-utils-js');

const object = (properties, more) => ({ type: 'object', properties, required: Object.keys(properties), ...more });
const either = { anyOf: [{ type: 'string' }, { type: 'null' }] };
const array = { type: ['string', 'null'] };
const results = {
  'array-untitled': object({ path: array }),
  'array-inside': object({ file: object({ path: array }) }),
  'array-titled': object({ path: array }, { title: 'File' }),
  'anyof-untitled': object({ path: either }),
  'enum-none': object({ manager: { type: 'string', enum: ['none', 'policy'] } }, { title: 'Manager' }),
};
console.warn = () => undefined;
(async () => {
  for (const [name, schema] of Object.entries(results)) {
    const method = { name: 'job/status', params: [], result: { name: 'result', schema } };
    const document = await parseOpenRPCDocument({ openrpc: '1.3.2', info: { title: 'x', version: '1' }, methods: [method] });
    const typings = new Typings(document);
    const options = { includeSchemaTypings: true, includeMethodAliasTypings: true };
    writeFileSync(`${name}.ts`, typings.toString('typescript', options));
    writeFileSync(`${name}.py`, typings.toString('python', options));
  }
})();
JS
node make.cjs >/dev/null
for file in *.ts; do
  name=${file%.ts}
  typescript=$(npx tsc --noEmit --strict --skipLibCheck "$file" | grep -o 'Cannot find name' | head -1 || true)
  python=$(python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$name.py" 2>&1 | grep -oE '^SyntaxError' || true)
  echo "$name: typescript ${typescript:-compiles}, python ${python:-parses}"
done >seen
cat seen
diff - seen <<'TEXT'
anyof-untitled: typescript compiles, python parses
array-inside: typescript Cannot find name, python parses
array-titled: typescript compiles, python parses
array-untitled: typescript Cannot find name, python parses
enum-none: typescript compiles, python SyntaxError
TEXT
