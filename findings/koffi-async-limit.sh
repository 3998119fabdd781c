#!/usr/bin/env bash
# koffi does not queue asynchronous calls: the 257th throws at once, while bad arguments are told to the callback instead.
#
# Versions:  koffi 3.3.4 (npm), Node 20.
# Guess:     f.async() puts a call into the queue of libuv's threads, however many wait there, and throws at once only for
#            arguments that do not fit, as f() does.
# Seen:      the other way round. Of 300 calls that wait 256 are taken; the rest throw, "too many", and their callbacks never
#            run. An argument of the wrong type does not throw: the callback gets the error. With too few arguments it throws
#            again. util.promisify makes a rejection of each.
# So:        wrap with util.promisify, so that both ways end in one place, and limit how many calls are under way, also
#            because only four run at a time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { promisify } = require('node:util');
const koffi = require('koffi');
const usleep = koffi.load('libc.so.6').func('int usleep(unsigned int microseconds)');
/** Where the outcome of a call shows. */
const outcomeOf = (...args) =>
  new Promise((resolve) => {
    try {
      usleep.async(...args, (error) => resolve(error ? `callback: ${error.constructor.name}` : 'done'));
    } catch (error) {
      resolve(`thrown: ${error.constructor.name}`);
    }
  });
async function main() {
  const count = {};
  for (const outcome of await Promise.all(Array.from({ length: 300 }, () => outcomeOf(5000)))) {
    count[outcome] = (count[outcome] ?? 0) + 1;
  }
  const settled = await Promise.allSettled(Array.from({ length: 300 }, () => promisify(usleep.async)(5000)));
  const seen = {
    limit: koffi.config().max_async_calls,
    count,
    'one later': await outcomeOf(1),
    'text for a number': await outcomeOf('soon'),
    'no argument': await outcomeOf(),
    rejected: settled.filter(({ status }) => status === 'rejected').length,
    'rejected for a text': await promisify(usleep.async)('soon').catch((error) => error.constructor.name),
  };
  console.log(seen);
  assert.deepStrictEqual(seen, {
    limit: 256,
    count: { done: 256, 'thrown: Error': 44 },
    'one later': 'done',
    'text for a number': 'callback: TypeError',
    'no argument': 'thrown: TypeError',
    rejected: 44,
    'rejected for a text': 'TypeError',
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
