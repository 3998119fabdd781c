#!/usr/bin/env bash
# Four JSON-RPC peers of npm ask whether an id or a result is true: 0 makes a notification of a request, false never arrives.
#
# Versions:  noice-json-rpc 1.2.0, rawr 0.19.0, yerpc 0.6.4, jsonrpc-dispatch 2.3.0 (npm), Node 20.
# Guess:     a request whose id is 0 or an empty text is answered with that id. Results such as false, 0, "" and null arrive as
#            they are, on both sides. A notification is sent without an id. Each message has "jsonrpc", and an error that a
#            handler throws keeps its code and data.
# Seen:      none of the three that serve answers the ids 0 and "". As a client noice-json-rpc emits an error for a result of
#            false, 0, "" or null, and the call waits for ever; as a server it sends {} for each of them, so a check that says
#            false says true. It takes an id that is a text for none at all. yerpc sends its notifications with "id": 0, which a
#            server answers. rawr and noice-json-rpc answer without "jsonrpc"; of an error rawr keeps the code and no data,
#            noice-json-rpc neither, and jsonrpc-dispatch puts an object in place of both the code and the message.
# So:        clients of such servers count from 1. A server for such clients wraps each result in an object, and expects that what
#            it answers to an id of 0 is not read.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund noice-json-rpc@1.2.0 rawr@0.19.0 yerpc@0.6.4 jsonrpc-dispatch@2.3.0

cat >try.cjs <<'JS'
const { EventEmitter } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const dispatch = require('jsonrpc-dispatch').default;
const noice = require('noice-json-rpc');
const rawr = require('rawr');
const yerpc = require('yerpc');

const results = { no: false, zero: 0, empty: '', nothing: null, yes: true };
const inUse = () => Object.assign(new Error('in use'), { code: 7, data: ['WINWORD.EXE'] });

/** Each peer: what it sends goes to `sent`, what comes for it to `receive`. */
const peers = {
  'noice-json-rpc'(sent) {
    const socket = Object.assign(new EventEmitter(), { send: (text) => sent.push(JSON.parse(text)) });
    const near = new EventEmitter();
    const server = new noice.Server(near);
    for (const [name, value] of Object.entries(results)) server.expose(name, () => value);
    server.expose('fails', async () => { throw inUse(); });
    near.emit('connection', socket);
    const line = Object.assign(new EventEmitter(), { send: (text) => sent.push(JSON.parse(text)) });
    const client = new noice.Client(line);
    client.on('error', () => undefined);
    line.emit('open');
    return {
      request: (message) => socket.emit('message', JSON.stringify(message)),
      call: () => client.call('no'),
      notify: () => client.notify('note'),
      answer: (message) => line.emit('message', JSON.stringify(message)),
    };
  },
  rawr(sent) {
    const transport = Object.assign(new EventEmitter(), { send: (message) => sent.push(message) });
    const methods = { fails: () => { throw inUse(); } };
    for (const [name, value] of Object.entries(results)) methods[name] = () => value;
    const peer = rawr({ transport, methods });
    const receive = (message) => transport.emit('rpc', message);
    return { request: receive, call: () => peer.methods.no(), notify: () => peer.notifiers.note(), answer: receive };
  },
  yerpc(sent) {
    class Transport extends yerpc.BaseTransport {
      _send(message) { sent.push(message); }
    }
    const transport = new Transport();
    const receive = (message) => transport._onmessage(message);
    return { call: () => transport.request('no', []), notify: () => transport.notification('note', []), answer: receive };
  },
  'jsonrpc-dispatch'(sent) {
    const methods = { fails: async () => { throw inUse(); } };
    for (const [name, value] of Object.entries(results)) methods[name] = async () => value;
    const peer = new dispatch((message) => sent.push(message), methods);
    const receive = (message) => peer.handle(message);
    return { request: receive, call: () => peer.request('no'), notify: () => peer.notification('note'), answer: receive };
  },
};

async function main() {
  for (const [name, open] of Object.entries(peers)) {
    const sent = [];
    const peer = open(sent);
    const say = (what, value) => console.log(`${name}, ${what}: ${value}`);
    if (peer.request) {
      for (const id of [1, 0, '', 'a']) {
        peer.request({ jsonrpc: '2.0', id, method: 'yes', params: [] });
        await sleep(20);
        say(`request with id ${JSON.stringify(id)}`, sent.splice(0).map((message) => JSON.stringify(message)).join(' ') || 'no answer');
      }
      for (const method of Object.keys(results)) peer.request({ jsonrpc: '2.0', id: 1, method, params: [] });
      await sleep(20);
      say('results sent', sent.splice(0).map((message) => JSON.stringify(message.result)).join(' '));
      peer.request({ jsonrpc: '2.0', id: 1, method: 'fails', params: [] });
      await sleep(20);
      say('error sent', JSON.stringify(sent.splice(0)[0].error));
    }
    const got = [];
    for (const result of Object.values(results)) {
      const call = peer.call();
      peer.answer({ jsonrpc: '2.0', id: sent.splice(0)[0].id, result });
      got.push(await Promise.race([call.then(JSON.stringify), sleep(50, 'waits')]));
    }
    say('results got', got.join(' '));
    peer.notify();
    say('notification', JSON.stringify(sent.splice(0)[0]));
  }
}
main();
JS
timeout 60 node try.cjs | tee seen
cat >expected <<'TEXT'
noice-json-rpc, request with id 1: {"id":1,"result":true}
noice-json-rpc, request with id 0: no answer
noice-json-rpc, request with id "": no answer
noice-json-rpc, request with id "a": no answer
noice-json-rpc, results sent: {} {} {} {} true
noice-json-rpc, error sent: {"code":-32603,"message":"InternalError: Internal Error when calling 'fails'","data":"in use"}
noice-json-rpc, results got: waits waits waits waits true
noice-json-rpc, notification: {"method":"note"}
rawr, request with id 1: {"id":1,"result":true}
rawr, request with id 0: no answer
rawr, request with id "": no answer
rawr, request with id "a": {"id":"a","result":true}
rawr, results sent: false 0 "" null true
rawr, error sent: {"message":"in use","code":7}
rawr, results got: false 0 "" null true
rawr, notification: {"jsonrpc":"2.0","method":"note","params":[]}
yerpc, results got: false 0 "" null true
yerpc, notification: {"jsonrpc":"2.0","method":"note","id":0,"params":[]}
jsonrpc-dispatch, request with id 1: {"id":1,"result":true,"jsonrpc":"2.0"}
jsonrpc-dispatch, request with id 0: no answer
jsonrpc-dispatch, request with id "": no answer
jsonrpc-dispatch, request with id "a": {"id":"a","result":true,"jsonrpc":"2.0"}
jsonrpc-dispatch, results sent: false 0 "" null true
jsonrpc-dispatch, error sent: {"message":{"code":7,"data":["WINWORD.EXE"]},"code":{"message":"Internal error","code":-32603}}
jsonrpc-dispatch, results got: false 0 "" null true
jsonrpc-dispatch, notification: {"method":"note","params":[],"jsonrpc":"2.0"}
TEXT
diff expected seen
