#!/usr/bin/env bash
# Of two requests with the ids 1 and "1" that arrive together a vscode-jsonrpc server runs one, and never answers the other.
#
# Versions:  vscode-jsonrpc 8.2.1 and 10.0.0 (npm), Node 20.
# Guess:     a number and a string are two ids, as JSON-RPC has it and as the cancellation of vscode-jsonrpc takes them: both
#            requests run, and each is answered with its own id.
# Seen:      messages wait in a queue under their id as a text. The second takes the place of the first, in the order too: it
#            runs before a request that came between them. Nothing is logged, and no error is sent. If the messages arrive
#            one after the other, so that none waits, both run, and $/cancelRequest tells 1 from "1". A client's two answers
#            with one id are the same case: the later one counts.
# So:        a server behind a proxy that joins the requests of several clients cannot lean on the kind of the id to tell them
#            apart; the proxy gives each request a new number.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund old@npm:vscode-jsonrpc@8.2.1 new@npm:vscode-jsonrpc@10.0.0

cat >try.cjs <<'JS'
const { PassThrough } = require('node:stream');
const { setTimeout: sleep } = require('node:timers/promises');
const frame = (message) => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
};
async function serve(name, messages, together) {
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require(`${name}/node`);
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const told = [];
  connection.onRequest('wait', async (params, token) => {
    told.push(`ran ${JSON.stringify(params.id)}`);
    token.onCancellationRequested(() => told.push(`cancelled ${JSON.stringify(params.id)}`));
    await sleep(200);
    return null;
  });
  connection.listen();
  let text = '';
  output.on('data', (data) => (text += data));
  if (together) input.write(messages.map(frame).join(''));
  else for (const message of messages) await (input.write(frame(message)), sleep(20));
  await sleep(600);
  const answered = [...text.matchAll(/"id":("?\d"?)/g)].map((match) => match[1]).sort();
  console.log(`${name} ${together ? 'together' : 'apart'}: ${told.join(', ')}; answered ${answered.join(' ')}`);
  connection.dispose();
}
const request = (id) => ({ id, method: 'wait', params: { id } });
const cancel = (id) => ({ method: '$/cancelRequest', params: { id } });
async function main() {
  for (const name of ['old', 'new']) {
    await serve(name, [request(1), request('1')], true);
    await serve(name, [request(1), request(2), request('1')], true);
    await serve(name, [request(1), request(2), request('1')], false);
    await serve(name, [request(1), request('1'), cancel('1')], false);
  }
}
main();
JS
for name in old new; do
  cat >>expected <<TEXT
$name together: ran "1"; answered "1"
$name together: ran "1", ran 2; answered "1" 2
$name apart: ran 1, ran 2, ran "1"; answered "1" 1 2
$name apart: ran 1, ran "1", cancelled "1"; answered "1" 1
TEXT
done
timeout 60 node try.cjs | tee seen
diff expected seen
