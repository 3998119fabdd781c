#!/usr/bin/env bash
# json-rpc-peer answers a batch with a list of texts instead of a text, and keeps to itself that it could not read a message.
#
# Versions:  json-rpc-peer 0.17.0 (npm), Node 20.
# Guess:     exec() resolves with the text to send, and the peer as a stream emits that text: for a batch the text of an array.
#            A message that is not JSON-RPC is answered by the error that the specification has for it. A batch with one bad
#            member fails for that member alone. What the peer itself sends, another peer can read.
# Seen:      for a batch both give an array whose elements are texts: sent as it is, it breaks a stream, and JSON.stringify
#            makes strings within strings of it. Notifications only, and an empty batch, give an empty array. One bad member
#            makes the whole batch an error. exec() throws that error, as a text; the stream emits it as an "error" event, and
#            the other side hears nothing and waits. The same event, with a TypeError, comes for a response to an unknown id.
#            request(method, null) sends "params":null, which the peer at the other end refuses.
# So:        between peer and wire goes a function: an array becomes '[' + texts + ']' or, if empty, nothing, and the text that
#            an "error" event or a rejected exec() carries is sent to the other side.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact json-rpc-peer@0.17.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { Peer } = require('json-rpc-peer');

const request = (id, method = 'm') => ({ jsonrpc: '2.0', id, method });
const notification = { jsonrpc: '2.0', method: 'm' };
const messages = {
  single: request(1),
  'batch of two': [request(1), request(2)],
  'notifications only': [notification, notification],
  'empty batch': [],
  'batch with a bad member': [request(1), { jsonrpc: '2.0' }],
  'no JSON': '{',
  'unknown id': { jsonrpc: '2.0', id: 77, result: 1 },
};
const describe = (value) =>
  value instanceof Error ? value.constructor.name
  : Array.isArray(value) ? `array of ${value.length} ${typeof value[0]}`
  : typeof value === 'string' ? (JSON.parse(value).error?.code ?? 'a text')
  : String(value);

async function main() {
  const seen = {};
  for (const [name, message] of Object.entries(messages)) {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const peer = new Peer(async () => 'fine');
    const exec = await peer.exec(text).then(describe, (error) => `throws ${describe(error)}`);
    const stream = await new Promise((resolve) => {
      peer.on('data', (data) => resolve(describe(data)));
      peer.on('error', (error) => resolve(`error event ${describe(error)}`));
      peer.write(text);
    });
    seen[name] = `${exec}; ${stream}`;
  }
  // One peer's request with null, given to another.
  const [near, far] = [new Peer(), new Peer(async () => 'fine')];
  near.on('data', async (text) => {
    seen['null params'] = await far.exec(text).then(describe, (error) => `throws ${describe(error)}`);
    near.failPendingRequests(new Error('the end'));
  });
  await near.request('m', null).catch((error) => assert.match(error.message, /the end/));
  console.log(seen);
  assert.deepStrictEqual(seen, {
    single: 'a text; a text',
    'batch of two': 'array of 2 string; array of 2 string',
    'notifications only': 'array of 0 undefined; array of 0 undefined',
    'empty batch': 'array of 0 undefined; array of 0 undefined',
    'batch with a bad member': 'throws -32600; error event -32600',
    'no JSON': 'throws -32700; error event -32700',
    'unknown id': 'throws TypeError; error event TypeError',
    'null params': 'throws -32600',
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
