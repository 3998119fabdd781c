#!/usr/bin/env bash
# jsonrpc-lite refuses ids and errors that JSON-RPC allows, loses null data, and takes result and error at once for a success.
#
# Versions:  jsonrpc-lite 2.2.0 (npm), Node 20.
# Guess:     a parser of JSON-RPC follows the specification to the letter: any string or number is an id, a message of an error
#            is any string, data may be anything, null too, and a response with both result and error is invalid.
# Seen:      an empty string is refused as the id of a request ("Internal error"), and so are fractions and numbers above
#            2 ** 53; an empty message makes an error invalid. Of {"data":null} the data are gone. A response that has a
#            result and a real error is a success, and the error is gone, while params that are null make a request invalid.
# So:        a server for such clients gives each error a message, leaves data out instead of null, and never sends a result
#            beside an error. A client of such a server counts its requests from 1 and leaves empty params out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund jsonrpc-lite@2.2.0

cat >try.cjs <<'JS'
const jsonrpc = require('jsonrpc-lite');
const error = (more) => ({ id: 1, error: { code: 1, message: 'no', ...more } });
const messages = {
  'id 0': { id: 0, method: 'm' },
  'id -1': { id: -1, method: 'm' },
  'id empty': { id: '', method: 'm' },
  'id fraction': { id: 1.5, method: 'm' },
  'id large': { id: 2 ** 60, method: 'm' },
  'params null': { id: 1, method: 'm', params: null },
  'result null': { id: 1, result: null },
  'error, id null': { ...error(), id: null },
  'error, message empty': error({ message: '' }),
  'error, data null': error({ data: null }),
  'error, data 0': error({ data: 0 }),
  'result, error null': { id: 1, result: 1, error: null },
  'result and error': { ...error(), result: 1 },
};
for (const [name, message] of Object.entries(messages)) {
  const { type, payload } = jsonrpc.parse(JSON.stringify({ jsonrpc: '2.0', ...message }));
  const data = payload.error && 'data' in payload.error ? `, data ${payload.error.data}` : '';
  console.log(`${name}: ${type}${type === 'invalid' ? ` ${payload.code}` : ''}${data}`);
}
JS
cat >expected <<'TEXT'
id 0: request
id -1: request
id empty: invalid -32603
id fraction: invalid -32603
id large: invalid -32603
params null: invalid -32602
result null: success
error, id null: error
error, message empty: invalid -32603
error, data null: error
error, data 0: error, data 0
result, error null: success
result and error: success
TEXT
node try.cjs | tee seen
diff expected seen
