#!/usr/bin/env bash
# A request that is cancelled before its turn runs all the same in vscode-jsonrpc, and the end of a connection cancels nothing.
#
# Versions:  vscode-jsonrpc 8.2.1 and 10.0.0 (npm), Node 20.
# Guess:     a request that waits in the queue when its cancellation comes is answered with -32800 and never runs. When the
#            client is gone, or the connection is disposed, the tokens of all running handlers are cancelled, because nobody
#            waits for the results, and no result is written any more.
# Seen:      the handler runs, with a token that is cancelled from the beginning; what it returns is the answer, and there is
#            no -32800 of the library. When the input ends, and after dispose(), the tokens of running handlers stay as they
#            are, for good, and their results are still written; at the end of the input the requests that wait run too,
#            after onClose.
# So:        a handler looks at its token before the first thing that it does, and answers with -32800 itself. A server cancels
#            what runs in onClose by its own means.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund vscode-jsonrpc-8@npm:vscode-jsonrpc@8.2.1 vscode-jsonrpc-10@npm:vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { PassThrough } = require('node:stream');
const turns = async () => {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A server whose one method waits for a release; what happens to it is written down in order. */
function serve(name) {
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require(`${name}/node`);
  const input = new PassThrough();
  const output = new PassThrough();
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const events = [];
  let release;
  const released = new Promise((resolve) => (release = resolve));
  connection.onClose(() => events.push('close'));
  connection.onRequest('wait', async ({ name }, token) => {
    events.push(`${name} begins${token.isCancellationRequested ? ' cancelled' : ''}`);
    await released;
    events.push(`${name} ends${token.isCancellationRequested ? ' cancelled' : ''}`);
    return name;
  });
  connection.listen();
  const send = (...messages) => {
    const texts = messages.map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }));
    input.write(texts.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`).join(''));
  };
  const request = (id) => ({ id, method: 'wait', params: { name: `request ${id}` } });
  const answers = () => [...String(output.read() ?? '').matchAll(/\{[^{}]*\}/g)].map(([text]) => JSON.parse(text).result ?? 'an error');
  return { connection, input, send, request, events, release, answers };
}

async function main() {
  for (const name of ['vscode-jsonrpc-8', 'vscode-jsonrpc-10']) {
    const seen = {};
    const cancelled = serve(name);
    // In one piece, so that the second request waits when its cancellation is read.
    cancelled.send(cancelled.request(1), cancelled.request(2), { method: '$/cancelRequest', params: { id: 2 } });
    await turns();
    cancelled.release();
    await turns();
    seen['cancelled in the queue'] = [...cancelled.events, ...cancelled.answers()];

    const ended = serve(name);
    ended.send(ended.request(1));
    await turns();
    ended.send(ended.request(2), ended.request(3));
    ended.input.end();
    await turns();
    ended.release();
    await turns();
    seen['input ended'] = [...ended.events, ...ended.answers()];

    const disposed = serve(name);
    disposed.send(disposed.request(1));
    await turns();
    disposed.connection.dispose();
    await turns();
    disposed.release();
    await turns();
    seen.disposed = [...disposed.events, ...disposed.answers()];
    console.log(name, seen);
    assert.deepStrictEqual(seen, {
      'cancelled in the queue': ['request 1 begins', 'request 2 begins cancelled', 'request 1 ends', 'request 2 ends cancelled', 'request 1', 'request 2'],
      'input ended': ['request 1 begins', 'close', 'request 2 begins', 'request 3 begins', 'request 1 ends', 'request 2 ends', 'request 3 ends', 'request 1', 'request 2', 'request 3'],
      disposed: ['request 1 begins', 'request 1 ends', 'request 1'],
    });
  }
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
