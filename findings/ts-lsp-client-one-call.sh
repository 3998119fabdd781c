#!/usr/bin/env bash
# Of two calls at a time ts-lsp-client settles the last one only: the answer to the other is an error event, and it waits for ever.
#
# Versions:  ts-lsp-client 1.1.1 (npm), Node 20.
# Guess:     each answer finds its call by the id, in whatever order they come; a request of the server reaches a handler, or is
#            refused with -32601; the end of the stream rejects what waits.
# Seen:      the endpoint knows the id of its last call alone. The answer to an earlier one, a result or an error, in order or not,
#            becomes an error event ("id mismatch"), and its promise never settles. A request of the server is neither
#            handled nor answered, so a server that asks back waits too. At the end of the stream the call that waits
#            waits for ever. One call after another works, with errors, their data, and notifications in between.
# So:        its user sends the next call when the last one has settled, which rules out cancelling and status calls beside a
#            long one, and ends a call with a timer of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund ts-lsp-client@1.1.1

cat >try.cjs <<'JS'
const { PassThrough } = require('node:stream');
const { setTimeout: sleep } = require('node:timers/promises');
const { JSONRPCEndpoint } = require('ts-lsp-client');

/** An endpoint whose other side is this program. */
function open() {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const endpoint = new JSONRPCEndpoint(toServer, toClient);
  const errors = [];
  endpoint.on('error', (error) => errors.push(String(error)));
  let sent = '';
  toServer.on('data', (bytes) => (sent += bytes));
  const messages = () => sent.split(/Content-Length: \d+\r\n\r\n/).slice(1).map((text) => JSON.parse(text));
  const say = async (message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    toClient.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
    await sleep(50);
  };
  return { endpoint, errors, messages, say, toClient };
}

const outcome = (call) =>
  Promise.race([
    call.then((value) => `resolves ${JSON.stringify(value)}`, (error) => `rejects ${error.code} ${JSON.stringify(error.data)}`),
    sleep(500, 'waits'),
  ]);

async function two(name, answers) {
  const { endpoint, errors, messages, say } = open();
  const calls = [endpoint.send('first', {}), endpoint.send('second', {})];
  await sleep(50);
  const [first, second] = messages().map(({ id }) => id);
  for (const answer of answers(first, second)) await say(answer);
  const [one, other] = [await outcome(calls[0]), await outcome(calls[1])];
  console.log(`${name}: first ${one}, second ${other}, ${errors.length} error event${errors.every((text) => /mismatch/.test(text)) ? '' : ' of another kind'}`);
}

async function main() {
  const error = { code: 7, message: 'in use', data: { apps: ['WINWORD.EXE'] } };
  await two('answered in order', (first, second) => [{ id: first, result: 1 }, { id: second, result: 2 }]);
  await two('answered the other way round', (first, second) => [{ id: second, result: 2 }, { id: first, result: 1 }]);
  await two('the first failed', (first, second) => [{ id: first, error }, { id: second, result: 2 }]);

  const single = open();
  const noted = [];
  single.endpoint.on('note', (params) => noted.push(params));
  const call = single.endpoint.send('single', {});
  // It is looked at only later.
  call.catch(() => undefined);
  await sleep(50);
  await single.say({ method: 'note', params: { percent: 50 } });
  await single.say({ id: 77, method: 'ask', params: {} });
  await single.say({ id: single.messages()[0].id, error });
  console.log(`one call: ${await outcome(call)}, notified ${JSON.stringify(noted)}`);
  console.log(`the server's request: ${single.messages().some(({ id }) => id === 77) ? 'answered' : 'not answered'}`);

  const ending = open();
  const left = ending.endpoint.send('left', {});
  await sleep(50);
  ending.toClient.end();
  console.log(`the stream ends: ${await outcome(left)}, ${ending.errors.length} error event`);
  process.exit();
}
main();
JS
timeout 60 node try.cjs | tee seen
cat >expected <<'TEXT'
answered in order: first waits, second resolves 2, 1 error event
answered the other way round: first waits, second resolves 2, 1 error event
the first failed: first waits, second resolves 2, 1 error event
one call: rejects 7 {"apps":["WINWORD.EXE"]}, notified [{"percent":50}]
the server's request: not answered
the stream ends: waits, 0 error event
TEXT
diff expected seen
