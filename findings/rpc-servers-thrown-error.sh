#!/usr/bin/env bash
# Of an Error with a code and data that a handler throws, each of three JSON-RPC servers sends another part.
#
# Versions:  json-rpc-2.0 1.7.1, jayson 4.2.0, vscode-jsonrpc 10.0.0 (npm), Node 20.
# Guess:     an Error with a number as its code, a message and data is what the protocol calls an error, so all three arrive.
# Seen:      json-rpc-2.0 sends the message, with code 0. jayson sends code and data but no message, which the protocol
#            requires, because the message is not an enumerable property. vscode-jsonrpc sends -32603, with the message behind a
#            text of its own. Each has a way that sends all three: a class of its own for the first and the last, and for
#            jayson a plain object.
# So:        a handler does not throw errors of the application as they are; one place makes the library's kind of error of
#            them, and a test looks at code, message and data on the wire.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund json-rpc-2.0@1.7.1 jayson@4.2.0 vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { once } = require('node:events');
const { PassThrough } = require('node:stream');
const jayson = require('jayson/promise');
const { JSONRPCErrorException, JSONRPCServer } = require('json-rpc-2.0');
const { createMessageConnection, ResponseError, StreamMessageReader, StreamMessageWriter } = require('vscode-jsonrpc/node');

const plain = () => Object.assign(new Error('refused'), { code: 7, data: { apps: ['A'] } });
const request = (method) => ({ jsonrpc: '2.0', id: 1, method, params: [] });

async function jsonRpc2(handlers) {
  const server = new JSONRPCServer({ errorListener() {} });
  for (const [name, handler] of Object.entries(handlers)) server.addMethod(name, handler);
  return (message) => server.receive(message);
}
async function jaysonServer(handlers) {
  const server = new jayson.Server(handlers);
  return (message) => new Promise((resolve) => server.call(message, (failure, success) => resolve(failure ?? success)));
}
async function vscodeJsonRpc(handlers) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  for (const [name, handler] of Object.entries(handlers)) connection.onRequest(name, handler);
  connection.listen();
  return async (message) => {
    const text = JSON.stringify(message);
    input.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
    let reply = '';
    while (!reply.endsWith('}')) reply += String((await once(output, 'data'))[0]);
    return JSON.parse(reply.slice(reply.indexOf('{')));
  };
}

async function main() {
  const servers = {
    'json-rpc-2.0': [jsonRpc2, () => new JSONRPCErrorException('refused', 7, { apps: ['A'] })],
    jayson: [jaysonServer, () => ({ code: 7, message: 'refused', data: { apps: ['A'] } })],
    'vscode-jsonrpc': [vscodeJsonRpc, () => new ResponseError(7, 'refused', { apps: ['A'] })],
  };
  const seen = {};
  for (const [name, [start, own]] of Object.entries(servers)) {
    const throwing = (make) => async () => {
      throw make();
    };
    const answer = await start({ plain: throwing(plain), own: throwing(own) });
    for (const method of ['plain', 'own']) {
      const { error } = JSON.parse(JSON.stringify(await answer(request(method))));
      seen[`${name}, ${method}`] = `${error.code}, ${error.message}, ${JSON.stringify(error.data)}`;
    }
  }
  console.log(seen);
  const whole = '7, refused, {"apps":["A"]}';
  assert.deepStrictEqual(seen, {
    'json-rpc-2.0, plain': '0, refused, undefined',
    'json-rpc-2.0, own': whole,
    'jayson, plain': '7, undefined, {"apps":["A"]}',
    'jayson, own': whole,
    'vscode-jsonrpc, plain': '-32603, Request plain failed with message: refused, undefined',
    'vscode-jsonrpc, own': whole,
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
