#!/usr/bin/env bash
# Three JSON-RPC servers differ on whether a request with a null id gets an answer, and on a batch with one answer.
#
# Versions:  json-rpc-2.0 1.7.1, jayson 4.2.0, vscode-jsonrpc 10.0.0 (npm), Node 20.
# Guess:     only a message without an id is a notification, so one with the id null is answered, with null. A batch is
#            answered by an array, also where one answer is in it, and an empty batch by the error -32600.
# Seen:      json-rpc-2.0 answers the null id; jayson and vscode-jsonrpc take it for a notification and send nothing, so that
#            the client waits for ever. To a batch with one answer json-rpc-2.0 sends that answer without the array, and to an
#            empty batch nothing. jayson does both as guessed. vscode-jsonrpc answers no batch at all.
# So:        a client never sends the id null, waits for a batch only where it knows the server, and takes a single object as
#            the answer to one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund json-rpc-2.0@1.7.1 jayson@4.2.0 vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { PassThrough } = require('node:stream');
const jayson = require('jayson/promise');
const { JSONRPCServer } = require('json-rpc-2.0');
const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require('vscode-jsonrpc/node');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const servers = {
  'json-rpc-2.0'() {
    const server = new JSONRPCServer();
    server.addMethod('m', () => 'fine');
    return (message) => server.receive(message);
  },
  jayson() {
    const server = new jayson.Server({ m: async () => 'fine' });
    return (message) => new Promise((resolve) => server.call(message, (failure, success) => resolve(failure ?? success)));
  },
  'vscode-jsonrpc'() {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const silent = { error() {}, warn() {}, info() {}, log() {} };
    const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output), silent);
    connection.onRequest('m', () => 'fine');
    connection.listen();
    return async (message) => {
      const text = JSON.stringify(message);
      input.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
      let reply = '';
      for (const end = Date.now() + 3000; !/[}\]]$/.test(reply) && Date.now() < end; await sleep(20)) reply += output.read() ?? '';
      return reply === '' ? undefined : JSON.parse(reply.slice(reply.indexOf('\r\n\r\n') + 4));
    };
  },
};
const call = (id) => ({ jsonrpc: '2.0', id, method: 'm', params: [] });
const messages = {
  'id 1': call(1),
  'id null': call(null),
  'batch of two': [call(1), call(2)],
  'batch of one': [call(1)],
  'batch with a notification': [call(1), { jsonrpc: '2.0', method: 'm', params: [] }],
  'empty batch': [],
};
async function main() {
  const seen = {};
  for (const [name, start] of Object.entries(servers)) {
    for (const [what, message] of Object.entries(messages)) {
      const reply = (await start()(message)) ?? 'nothing';
      const kind = Array.isArray(reply) ? `array of ${reply.length}` : (reply.error?.code ?? reply.result ?? reply);
      (seen[what] ??= {})[name] = kind;
    }
  }
  console.log(seen);
  assert.deepStrictEqual(seen, {
    'id 1': { 'json-rpc-2.0': 'fine', jayson: 'fine', 'vscode-jsonrpc': 'fine' },
    'id null': { 'json-rpc-2.0': 'fine', jayson: 'nothing', 'vscode-jsonrpc': 'nothing' },
    'batch of two': { 'json-rpc-2.0': 'array of 2', jayson: 'array of 2', 'vscode-jsonrpc': 'nothing' },
    'batch of one': { 'json-rpc-2.0': 'fine', jayson: 'array of 1', 'vscode-jsonrpc': 'nothing' },
    'batch with a notification': { 'json-rpc-2.0': 'fine', jayson: 'array of 1', 'vscode-jsonrpc': 'nothing' },
    'empty batch': { 'json-rpc-2.0': 'nothing', jayson: -32600, 'vscode-jsonrpc': 'nothing' },
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
