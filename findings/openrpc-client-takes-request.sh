#!/usr/bin/env bash
# @open-rpc/client-js takes a request of the server for the answer to its own call, and resolves that with undefined.
#
# Versions:  @open-rpc/client-js 2.1.0 and vscode-jsonrpc 10.0.0 (npm), Node 20.
# Guess:     both sides of a connection count their requests for themselves, so that equal ids in both directions are usual. A
#            message with a method is a request, whatever its id. A client that serves no methods ignores it, or answers that
#            it does not know the method.
# Seen:      only the id is looked at. A request of the server with the id of a call that waits resolves the call with
#            undefined, and the real answer is dropped when it comes. Nothing is reported, and the server gets no answer. With
#            an id that no call has the request vanishes. The ids count from 0 and are sent as texts, but "0" and 0 are the
#            same for it, so that a server like vscode-jsonrpc, which counts from 0 in numbers, hits the first calls at once.
# So:        a server that asks something of its client (a confirmation, a setting) uses ids of another kind, such as "s1", and
#            leaves requests out for a client that has not said it takes them. Notifications arrive as one expects.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @open-rpc/client-js@2.1.0 vscode-jsonrpc@10.0.0

cat >server.cjs <<'JS'
const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require('vscode-jsonrpc/node');
const connection = createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));
connection.onRequest('plain', () => 'the real result');
// The server's own request has the number 0, then 1; its answer is not waited for, since none comes.
connection.onRequest('asks', async () => {
  connection.sendRequest('client/confirm', { text: 'Sure?' }).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  return 'the real result';
});
connection.onRequest('tells', async () => {
  await connection.sendNotification('client/told', { text: 'Well.' });
  return 'the real result';
});
connection.onClose(() => process.exit(0));
connection.listen();
JS
cat >try.mjs <<'JS'
import assert from 'node:assert';
import { Client, ContentLengthMessageFramer, RequestManager } from '@open-rpc/client-js';
import StdioTransport from '@open-rpc/client-js/stdio';

async function calls(...methods) {
  const framer = new ContentLengthMessageFramer();
  const client = new Client(new RequestManager([new StdioTransport({ command: process.execPath, args: ['server.cjs'], framer })]));
  const seen = [];
  client.onNotification(({ method }) => seen.push(`notified of ${method}`));
  client.onError((error) => seen.push(`error ${error.code}`));
  for (const method of methods) seen.push(String(await client.request({ method, params: {} })));
  client.close();
  return seen.join(', ');
}

const seen = {
  'server tells': await calls('tells'),
  'server asks with 0 while 0 waits': await calls('asks'),
  'server asks with 0 while 1 waits': await calls('plain', 'asks'),
  'server asks with 0, then 1, while 0, then 1 wait': await calls('asks', 'asks'),
};
console.log(seen);
assert.deepStrictEqual(seen, {
  'server tells': 'notified of client/told, the real result',
  'server asks with 0 while 0 waits': 'undefined',
  'server asks with 0 while 1 waits': 'the real result, the real result',
  'server asks with 0, then 1, while 0, then 1 wait': 'undefined, undefined',
});
process.exit(0);
JS
timeout 60 node try.mjs
