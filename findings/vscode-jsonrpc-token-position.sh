#!/usr/bin/env bash
# The token comes first in a vscode-jsonrpc handler where the request has no params, and last where it has a list of them.
#
# Versions:  vscode-jsonrpc 8.2.1 and 10.0.0 (npm), Node 20.
# Guess:     a handler is (params, token): without params the first is undefined, and with a list it is the list. A RequestType
#            refuses every other number of params than it says (-32602).
# Seen:      the elements of a list are the arguments, and the token follows the last. So a handler written (params, token) has
#            the token in params for a request without params, or with [], and the second element in token for one with two.
#            Only null params are null. A RequestType refuses a request without params, but takes [], and a list that is too
#            long or too short. A handler for all methods, without a name, does get (method, params, token), and its params
#            are the list.
# So:        a server that must take what any client sends registers the one handler for all methods. Another checks whether
#            its first argument is the token before it reads a member of it: every client can put it there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund vscode-jsonrpc-8@npm:vscode-jsonrpc@8.2.1 vscode-jsonrpc-10@npm:vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { PassThrough } = require('node:stream');
const shown = (value) => (value?.onCancellationRequested ? 'token' : value === undefined ? 'undefined' : JSON.stringify(value));

/** What the handlers of one method get for a request with these params, given as JSON or not at all. */
async function ask(name, params) {
  const { createMessageConnection, RequestType, StreamMessageReader, StreamMessageWriter } = require(`${name}/node`);
  const input = new PassThrough();
  const output = new PassThrough();
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const handler = (...values) => values.map(shown).join(' ');
  connection.onRequest('named', handler);
  connection.onRequest(new RequestType('typed'), handler);
  connection.onRequest(handler);
  connection.listen();
  const answers = [];
  for (const method of ['named', 'typed', 'other']) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`;
    input.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
    const received = String(await new Promise((resolve) => output.once('data', resolve)));
    const whole = received.includes('{') ? received : received + (await new Promise((resolve) => output.once('data', resolve)));
    const { result, error } = JSON.parse(whole.slice(whole.indexOf('{')));
    answers.push(error ? `error ${error.code}` : result);
  }
  connection.dispose();
  return answers.join(' | ');
}

async function main() {
  const expected = {
    undefined: 'token | error -32602 | "other" undefined token',
    null: 'null token | null token | "other" null token',
    '[]': 'token | token | "other" [] token',
    '{"a":1}': '{"a":1} token | {"a":1} token | "other" {"a":1} token',
    '[1]': '1 token | 1 token | "other" [1] token',
    '[1,2]': '1 2 token | 1 2 token | "other" [1,2] token',
  };
  for (const name of ['vscode-jsonrpc-8', 'vscode-jsonrpc-10']) {
    const seen = {};
    for (const params of [undefined, 'null', '[]', '{"a":1}', '[1]', '[1,2]']) seen[params] = await ask(name, params);
    console.log(name, seen);
    assert.deepStrictEqual(seen, expected);
  }
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
