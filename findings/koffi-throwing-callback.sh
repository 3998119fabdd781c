#!/usr/bin/env bash
# When a koffi callback throws, C gets the result of the callback before it, and an asynchronous call does not even fail.
#
# Versions:  koffi 3.3.4 (npm), Node 20, a library of three lines built with Debian's gcc.
# Guess:     the exception comes out of the call that led to the callback: thrown by a synchronous one, as the error of an
#            asynchronous one. C gets 0 for the callback that threw, and its later callbacks run as usual.
# Seen:      C gets what the last callback that went well returned. In a synchronous call the later callbacks no longer reach
#            JavaScript, and get the same; then the call throws. An asynchronous one ends without an error, and the exception
#            is raised at the top, where it ends a process without a handler of uncaughtException. (Whether its later
#            callbacks run is a matter of time.) A callback that returns nothing where C wants an int is the same case.
# So:        a callback whose result is an HRESULT or a comparison catches everything itself and returns the failure: else one
#            S_OK before makes a success of it. That counts double for callbacks of asynchronous calls.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4
cat >each.c <<'C'
void each(int (*callback)(int), int count, int *results)
{
    for (int i = 0; i < count; i++) results[i] = callback(i);
}
C
gcc -shared -fPIC -o each.so each.c

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { promisify } = require('node:util');
const koffi = require('koffi');
koffi.proto('int Callback(int index)');
const each = koffi.load('./each.so').func('void each(Callback *callback, int count, int *results)');
const uncaught = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

async function main() {
  const seen = {};
  const thrown = (index) => {
    if (index === 2) throw new Error('refused');
    return 100 + index;
  };
  const missing = (index) => (index === 2 ? undefined : 100 + index);
  for (const [name, body] of Object.entries({ fine: (index) => 100 + index, thrown, missing })) {
    for (const way of ['synchronous', 'asynchronous']) {
      const results = new Int32Array(way === 'synchronous' ? 5 : 3).fill(-1);
      let calls = 0;
      const callback = (index) => {
        calls++;
        return body(index);
      };
      const args = [callback, results.length, results];
      let outcome = 'no error';
      try {
        if (way === 'synchronous') each(...args);
        else await promisify(each.async)(...args);
      } catch (error) {
        outcome = error.constructor.name;
      }
      seen[`${name}, ${way}`] = `${outcome}, C got ${results.join(' ')} of ${calls} calls`;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  seen.uncaught = uncaught;
  console.log(seen);
  assert.deepStrictEqual(seen, {
    'fine, synchronous': 'no error, C got 100 101 102 103 104 of 5 calls',
    'fine, asynchronous': 'no error, C got 100 101 102 of 3 calls',
    'thrown, synchronous': 'Error, C got 100 101 101 101 101 of 3 calls',
    'thrown, asynchronous': 'no error, C got 100 101 101 of 3 calls',
    'missing, synchronous': 'TypeError, C got 100 101 101 101 101 of 3 calls',
    'missing, asynchronous': 'no error, C got 100 101 101 of 3 calls',
    uncaught: ['refused', 'Unexpected Undefined value, expected number'],
  });
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
timeout 60 node try.cjs
