#!/usr/bin/env bash
# When the other side of a vscode-jsonrpc connection ends, its pending requests neither resolve nor reject.
#
# Versions:  vscode-jsonrpc 8.2.1 and 10.0.0 (npm).
# Guess:     at the end of the input onClose fires, and each request that waits rejects with an error of its own code. So does
#            one that is sent after the end.
# Seen:      onClose fires, but the request stays pending for as long as one cares to wait. Only dispose() rejects it (code
#            -32097). A request that is sent after the end does not give a promise: sendRequest throws.
# So:        a client must call dispose() in onClose, or it waits for ever for a server that has died.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund vscode-jsonrpc-8@npm:vscode-jsonrpc@8.2.1 vscode-jsonrpc-10@npm:vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { PassThrough } = require('node:stream');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const stateOf = (promise) =>
  Promise.race([promise.then(() => 'resolved', ({ code }) => `rejected ${code}`), sleep(1000).then(() => 'pending')]);
async function main() {
  const seen = {};
  for (const name of ['vscode-jsonrpc-8', 'vscode-jsonrpc-10']) {
    const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require(`${name}/node`);
    const input = new PassThrough();
    const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(new PassThrough()));
    const closed = new Promise((resolve) => connection.onClose(resolve));
    connection.listen();
    const request = connection.sendRequest('m');
    request.catch(() => undefined);
    input.end();
    await closed;
    const afterClose = await stateOf(request);
    let sentLater = 'a promise';
    try {
      connection.sendRequest('m').catch(() => undefined);
    } catch {
      sentLater = 'throws';
    }
    connection.dispose();
    seen[name] = { afterClose, sentLater, afterDispose: await stateOf(request) };
  }
  console.log(seen);
  const each = { afterClose: 'pending', sentLater: 'throws', afterDispose: 'rejected -32097' };
  assert.deepStrictEqual(seen, { 'vscode-jsonrpc-8': each, 'vscode-jsonrpc-10': each });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
