#!/usr/bin/env bash
# OpenRPC's own server runs calls that its document does not allow: a misspelt name is dropped, a list passes for named params.
#
# Versions:  @open-rpc/server-js 1.10.1 with the @open-rpc/schema-utils-js that it asks for (npm), Node 20.
# Guess:     the document decides: a name that no parameter has, more values than parameters, or a list for a method whose
#            paramStructure is by-name is -32602. A notification gets no answer, an error of a handler is -32603 or has the
#            handler's own code and data, and a result is not checked.
# Seen:      only what the document names is looked at. With a misspelt name of an optional parameter the method runs as if it
#            were absent. A list for a by-name method is refused where a parameter is required, since that name is missing, and
#            taken by place where all are optional. A list may be longer than the parameters. A notification is answered, with
#            a response that has no id, in a batch too. What a handler throws is 6969, "unknown error", without code and data;
#            only the package's own class keeps them. That a result is not checked was right.
# So:        such a server compares the names itself, or gives each method one parameter with additionalProperties false. A client
#            must take answers without an id, and does not count those of a batch.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @open-rpc/server-js@1.10.1

cat >try.cjs <<'JS'
const http = require('node:http');
const { once } = require('node:events');
const { JSONRPCError, Server } = require('@open-rpc/server-js');

const integer = { type: 'integer' };
const method = (name, params, paramStructure) => ({
  name,
  params,
  ...(paramStructure ? { paramStructure } : {}),
  result: { name: 'result', schema: { type: 'string' } },
});
const openrpcDocument = {
  openrpc: '1.2.6',
  info: { title: 'try', version: '1' },
  methods: [
    method('either', [{ name: 'force', schema: integer }, { name: 'wait', schema: integer }]),
    method('named', [{ name: 'force', schema: integer }, { name: 'wait', schema: integer }], 'by-name'),
    method('required', [{ name: 'force', required: true, schema: integer }], 'by-name'),
    method('number', []),
    method('throws', []),
    method('throwsOwn', []),
  ],
};
const given = async (...values) => JSON.stringify(values);
const methodMapping = {
  either: given,
  named: given,
  required: given,
  number: async () => 5,
  async throws() {
    throw Object.assign(new Error('in use'), { code: 7, data: { apps: ['WINWORD.EXE'] } });
  },
  async throwsOwn() {
    throw new JSONRPCError('in use', 7, { apps: ['WINWORD.EXE'] });
  },
};

async function main() {
  const probe = http.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const log = console.log;
  console.log = () => undefined;
  const server = new Server({
    openrpcDocument,
    methodMapping,
    transportConfigs: [{ type: 'HTTPTransport', options: { port, middleware: [] } }],
  });
  await server.start();
  console.log = log;
  const post = async (message) => {
    const body = JSON.stringify(message);
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return response.json();
  };
  const shown = ({ id, result, error }) => {
    const what = error ? `error ${error.code} ${error.message ?? ''}${error.data?.apps ? ' with data' : ''}` : `result ${result}`;
    return `${id === undefined ? 'no id, ' : ''}${what}`.trim();
  };
  const calls = [
    ['either', { wait: 2 }],
    ['either', { wait: 2, fource: 1 }],
    ['either', [1, 2, 3]],
    ['named', { force: 1, wait: 2 }],
    ['named', [1, 2]],
    ['required', [1]],
    ['required', {}],
    ['number', []],
    ['throws', []],
    ['throwsOwn', []],
  ];
  for (const [name, params] of calls) {
    const answer = await post({ jsonrpc: '2.0', id: 1, method: name, params });
    console.log(`${name} ${JSON.stringify(params)}: ${shown({ ...answer, error: answer.error && { ...answer.error, message: answer.error.message?.split('\n')[0] } })}`);
  }
  const notification = { jsonrpc: '2.0', method: 'number', params: [] };
  console.log(`notification: ${shown(await post(notification))}`);
  const batch = await post([{ ...notification, id: 1 }, notification]);
  console.log(`batch of a request and a notification: ${batch.map(shown).join('; ')}`);
  process.exit();
}
main();
JS
timeout 60 node try.cjs | tee seen
cat >expected <<'TEXT'
either {"wait":2}: result [null,2]
either {"wait":2,"fource":1}: result [null,2]
either [1,2,3]: result [1,2,3]
named {"force":1,"wait":2}: result [1,2]
named [1,2]: result [1,2]
required [1]: error -32602 Invalid params
required {}: error -32602 Invalid params
number []: result 5
throws []: error 6969 unknown error
throwsOwn []: error 7 in use with data
notification: no id, result 5
batch of a request and a notification: result 5; no id, result 5
TEXT
diff expected seen
