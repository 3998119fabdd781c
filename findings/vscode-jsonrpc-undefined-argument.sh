#!/usr/bin/env bash
# In vscode-jsonrpc an argument that is undefined is not one that is absent: it turns named params into an array.
#
# Versions:  vscode-jsonrpc 8.2.1 and 10.0.0 (npm).
# Guess:     sendRequest(method, params, token) with an undefined token is sendRequest(method, params), as everywhere in
#            JavaScript, and sendRequest(method, undefined) sends no params.
# Seen:      the arguments are counted, not looked at. With an undefined token the object becomes `[{"a":1},null]`, and
#            undefined alone becomes `[null]`. A server that takes named params refuses both, or loses the members.
# So:        a wrapper `call(method, params, token?)` must leave the token out of the call where there is none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund vscode-jsonrpc-8@npm:vscode-jsonrpc@8.2.1 vscode-jsonrpc-10@npm:vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { PassThrough } = require('node:stream');
const calls = { absent: [{ a: 1 }], undefined: [{ a: 1 }, undefined], 'no params': [], 'undefined params': [undefined] };
const seen = {};
async function main() {
  for (const name of ['vscode-jsonrpc-8', 'vscode-jsonrpc-10']) {
    const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require(`${name}/node`);
    for (const [what, args] of Object.entries(calls)) {
      const output = new PassThrough();
      const connection = createMessageConnection(new StreamMessageReader(new PassThrough()), new StreamMessageWriter(output));
      connection.listen();
      connection.sendRequest('m', ...args).catch(() => undefined);
      let text = '';
      for (const end = Date.now() + 5000; !text.endsWith('}') && Date.now() < end; ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        text += output.read() ?? '';
      }
      (seen[name] ??= {})[what] = JSON.stringify(JSON.parse(text.slice(text.indexOf('{'))).params) ?? 'none';
      connection.dispose();
    }
  }
  console.log(seen);
  const each = { absent: '{"a":1}', undefined: '[{"a":1},null]', 'no params': 'none', 'undefined params': '[null]' };
  assert.deepStrictEqual(seen, { 'vscode-jsonrpc-8': each, 'vscode-jsonrpc-10': each });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
