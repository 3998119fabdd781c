#!/usr/bin/env bash
# A call of rpc-websockets waits for ever when its connection is lost or closed, and fails when its method returns nothing.
#
# Versions:  rpc-websockets 10.0.1 (npm), Node 20.
# Guess:     when the connection ends, what waits is rejected; with reconnect it is that or sent again. A method that returns
#            nothing gives null or undefined. An Error that a method throws keeps code, message and data, as a plain object does.
#            The id 0 is an id.
# Seen:      neither close() nor a lost connection settles a call, and reconnect sends new calls only. Without a timeout, and
#            call() has none by default, the caller waits for ever. For a method that has returned undefined the server leaves the
#            result out, and the client rejects that as malformed, after the method has run. Of an Error the message becomes the
#            data, the code is -32000 and the message "Error"; a plain object arrives whole, and the rejection of either is a
#            plain object, not an Error. A request with the id 0 or "" gets no answer; a notification of an unknown method gets
#            one.
# So:        each call has a timeout, and a handler of "close" ends what waits. Methods return null, and throw plain objects with
#            code, message and data.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rpc-websockets@10.0.1

cat >try.cjs <<'JS'
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { Client, Server } = require('rpc-websockets');
const WebSocket = require('ws');

let runs = 0;
const inUse = { code: 7, message: 'in use', data: ['WINWORD.EXE'] };
const how = (error) => `${error instanceof Error ? 'an Error' : 'an object'} ${JSON.stringify({ code: error.code, message: error.message, data: error.data })}`;
const settled = (call) => Promise.race([call.then((value) => `gives ${value}`, (error) => `rejects with ${how(error)}`), sleep(1500, 'waits')]);

async function main() {
  const server = new Server({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${server.wss.address().port}`;
  server.register('apply', () => { runs++; });
  server.register('zero', () => 0);
  server.register('fails', () => { throw Object.assign(new Error(inUse.message), { code: inUse.code, data: inUse.data }); });
  server.register('refuses', () => { throw inUse; });
  server.register('slow', () => sleep(300, 'late'));

  const raw = new WebSocket(url);
  await once(raw, 'open');
  for (const rest of ['"id":1,"method":"zero"', '"id":0,"method":"zero"', '"id":"","method":"zero"', '"method":"unknown"']) {
    const answer = once(raw, 'message').then(([text]) => String(text));
    raw.send(`{"jsonrpc":"2.0",${rest}}`);
    console.log(`${rest}: ${await Promise.race([answer, sleep(300, 'no answer')])}`);
  }

  const client = new Client(url, { reconnect: false });
  await once(client, 'open');
  for (const method of ['zero', 'apply', 'fails', 'refuses']) console.log(`${method}: ${await settled(client.call(method))}`);
  console.log(`apply has run ${runs} time`);
  const pending = settled(client.call('slow'));
  client.close();
  console.log(`closed: ${await pending}`);

  const again = new Client(url, { reconnect: true, reconnect_interval: 50 });
  await once(again, 'open');
  const lost = settled(again.call('slow'));
  const opened = once(again, 'open');
  await sleep(50);
  for (const socket of server.wss.clients) socket.terminate();
  await opened;
  console.log(`after the connection was lost, a new call: ${await settled(again.call('zero'))}; the old one: ${await lost}`);
  process.exit();
}
main();
JS
timeout 60 node try.cjs | tee seen
cat >expected <<'TEXT'
"id":1,"method":"zero": {"jsonrpc":"2.0","result":0,"id":1}
"id":0,"method":"zero": no answer
"id":"","method":"zero": no answer
"method":"unknown": {"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":null}
zero: gives 0
apply: rejects with an Error {"message":"Server response malformed. Response must include either \"result\" or \"error\", but not both."}
fails: rejects with an object {"code":-32000,"message":"Error","data":"in use"}
refuses: rejects with an object {"code":7,"message":"in use","data":["WINWORD.EXE"]}
apply has run 1 time
closed: waits
after the connection was lost, a new call: gives 0; the old one: waits
TEXT
diff expected seen
