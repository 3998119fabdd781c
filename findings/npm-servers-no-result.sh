#!/usr/bin/env bash
# A method that returns nothing gets an answer without a result, or with true, and a notification that fails is answered.
#
# Versions:  typed-rpc 6.1.2, @metamask/json-rpc-engine 10.5.0, simple-jsonrpc-js 1.2.0 (npm), Node 20.
# Guess:     a method that returns undefined is answered with "result": null, since an answer must have a result or an error. A
#            notification gets no answer, whatever comes of it. An error that a handler throws keeps code, message and data.
# Seen:      typed-rpc and the engine of MetaMask answer with neither result nor error, and typed-rpc's own client then says "Not
#            a JSON-RPC 2.0 response" for a call that has worked. simple-jsonrpc-js answers true. typed-rpc answers each
#            notification, with id null, and so does the engine, without an id, until it is given a notificationHandler;
#            simple-jsonrpc-js answers one that fails. The message of an error is missing on the wire of the engine, where
#            JSON-RPC demands it; simple-jsonrpc-js sends -32603 for each error, and the message as its data.
# So:        handlers return null where they have nothing to say. A client reads answers without an id and drops them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund typed-rpc@6.1.2 @metamask/json-rpc-engine@10.5.0 simple-jsonrpc-js@1.2.0

cat >try.mjs <<'JS'
import { createRequire } from 'node:module';
import { rpcClient } from 'typed-rpc';
import { handleRpc } from 'typed-rpc/server';

const require = createRequire(import.meta.url);
const { JsonRpcEngine } = require('@metamask/json-rpc-engine');
const Simple = require('simple-jsonrpc-js');

let runs = 0;
const methods = {
  apply() { runs++; },
  fails() { throw Object.assign(new Error('in use'), { code: 7, data: ['WINWORD.EXE'] }); },
};

const engine = new JsonRpcEngine();
engine.push((request, response, _next, end) => {
  try {
    response.result = methods[request.method]();
    end();
  } catch (error) {
    end(error);
  }
});

const simple = new Simple();
let sent;
simple.toStream = (text) => { sent = text; };
for (const [name, method] of Object.entries(methods)) simple.on(name, method);

const servers = {
  'typed-rpc': async (request) => JSON.stringify(await handleRpc(request, methods)),
  '@metamask/json-rpc-engine': async (request) => JSON.stringify(await engine.handle(request)),
  async 'simple-jsonrpc-js'(request) {
    sent = undefined;
    await simple.messageHandler(JSON.stringify(request)).catch(() => undefined);
    return sent;
  },
};
for (const [name, ask] of Object.entries(servers)) {
  console.log(`${name}, call of apply: ${await ask({ jsonrpc: '2.0', id: 1, method: 'apply' })}`);
  console.log(`${name}, notification of apply: ${await ask({ jsonrpc: '2.0', method: 'apply' })}`);
  console.log(`${name}, call of fails: ${await ask({ jsonrpc: '2.0', id: 1, method: 'fails' })}`);
  console.log(`${name}, notification of fails: ${await ask({ jsonrpc: '2.0', method: 'fails' })}`);
}

const wire = { async transport(request) { return JSON.parse(JSON.stringify(await handleRpc(request, methods))); } };
runs = 0;
const got = await rpcClient(wire).apply().catch((error) => error.message);
console.log(`typed-rpc's own client, apply: ${got}, ran ${runs}`);
JS
timeout 60 node try.mjs | tee seen
cat >expected <<'TEXT'
typed-rpc, call of apply: {"jsonrpc":"2.0","id":1}
typed-rpc, notification of apply: {"jsonrpc":"2.0","id":null}
typed-rpc, call of fails: {"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"in use","data":["WINWORD.EXE"]}}
typed-rpc, notification of fails: {"jsonrpc":"2.0","id":null,"error":{"code":7,"message":"in use","data":["WINWORD.EXE"]}}
@metamask/json-rpc-engine, call of apply: {"id":1,"jsonrpc":"2.0"}
@metamask/json-rpc-engine, notification of apply: {"jsonrpc":"2.0"}
@metamask/json-rpc-engine, call of fails: {"id":1,"jsonrpc":"2.0","error":{"code":7,"data":["WINWORD.EXE"]}}
@metamask/json-rpc-engine, notification of fails: {"jsonrpc":"2.0","error":{"code":7,"data":["WINWORD.EXE"]}}
simple-jsonrpc-js, call of apply: {"jsonrpc":"2.0","id":1,"result":true}
simple-jsonrpc-js, notification of apply: undefined
simple-jsonrpc-js, call of fails: {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error. Internal JSON-RPC error.","data":"in use"}}
simple-jsonrpc-js, notification of fails: {"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error. Internal JSON-RPC error.","data":"in use"}}
typed-rpc's own client, apply: Not a JSON-RPC 2.0 response, ran 1
TEXT
diff expected seen
