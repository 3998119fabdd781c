#!/usr/bin/env bash
# The batch of @open-rpc/client-js, written as its own documentation has it, sends single messages one by one.
#
# Versions:  @open-rpc/client-js 2.1.0 (npm), Node 20.
# Guess:     the requests between startBatch() and stopBatch() leave as one array, as the example in its types shows it: four
#            lines without an `await`. A notification between them is in the array too, and a time limit holds for each.
# Seen:      request() first waits for the connection, also for one that is there, and joins the batch only after that. When
#            stopBatch() comes in the next line, the batch is still empty: nothing is sent, and then each message leaves by
#            itself. Nobody is told. With an `await` of anything in front of stopBatch() they leave as an array. Of a request
#            in the array the time limit never ends it: it stays pending where the same request alone is rejected.
# So:        `await null` stands before stopBatch(), a test looks at what is on the wire, and the caller has its own time limit
#            for a batch.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @open-rpc/client-js@2.1.0

cat >try.mjs <<'JS'
import assert from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, RequestManager, StreamTransport } from '@open-rpc/client-js';

/** A client whose server answers `m`, and nothing else; `wire` has each message that it got. */
async function connect() {
  const wire = [];
  const toClient = new TransformStream();
  const answers = toClient.writable.getWriter();
  const writable = new WritableStream({
    write(bytes) {
      const message = JSON.parse(Buffer.from(bytes).toString());
      const calls = [message].flat().filter(({ id, method }) => id !== undefined && method === 'm');
      wire.push(Array.isArray(message) ? `array of ${message.length}` : 'single');
      const results = calls.map(({ id }) => ({ jsonrpc: '2.0', id, result: 'fine' }));
      if (results.length > 0) answers.write(Buffer.from(`${JSON.stringify(Array.isArray(message) ? results : results[0])}\n`));
    },
  });
  const client = new Client(new RequestManager([StreamTransport.fromStreams(toClient.readable, writable)]));
  await client.request({ method: 'm' });
  wire.length = 0;
  return { client, wire };
}

async function batch(wait) {
  const { client, wire } = await connect();
  client.startBatch();
  const calls = [client.request({ method: 'm' }), client.request({ method: 'm' }), client.notify({ method: 'n' })];
  if (wait) await null;
  client.stopBatch();
  await Promise.all(calls);
  return wire.join(', ');
}

async function limited(inBatch) {
  const { client } = await connect();
  if (inBatch) client.startBatch();
  const call = client.request({ method: 'unanswered' }, 100);
  await null;
  if (inBatch) client.stopBatch();
  return Promise.race([call.catch((error) => `rejected: ${error.message}`), sleep(5000, 'pending after 50 times as long')]);
}

const seen = {
  'as documented': await batch(false),
  'with an await': await batch(true),
  'time limit, alone': await limited(false),
  'time limit, in a batch': await limited(true),
};
console.log(seen);
assert.deepStrictEqual(seen, {
  'as documented': 'single, single, single',
  'with an await': 'array of 3',
  'time limit, alone': 'rejected: Request timeout request took longer than 100 ms to resolve',
  'time limit, in a batch': 'pending after 50 times as long',
});
process.exit(0);
JS
timeout 60 node try.mjs
