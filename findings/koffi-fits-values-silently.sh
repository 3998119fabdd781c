#!/usr/bin/env bash
# koffi refuses a value of the wrong kind, but makes one of the wrong size fit: integers wrap, lists and texts are cut.
#
# Versions:  koffi 3.3.4 (npm), Node 20.
# Guess:     an argument that its C type cannot hold throws, as Buffer.writeInt32LE and BigInt64Array's DataView do for
#            theirs, or as koffi itself does for a string in the place of a number.
# Seen:      for int, 2 ** 32 + 97 arrives as 97, as a number and as a bigint; 97.9 as 97; NaN and Infinity as 0. An HRESULT
#            written without a sign, 0x80070005, arrives as the negative one. For int64, 2n ** 64n + 5n arrives as 5, but the
#            number 2 ** 63 as 2 ** 63 - 1. A result of int64 is a number up to 2 ** 53 and a bigint above. In a struct a
#            member that is missing becomes 0, one that does not exist is ignored, but a number for a bool throws. Of a list
#            or text that is longer than its array the rest is dropped.
# So:        sizes and flags from outside must be checked before they reach a call, and results of int64 compared by value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >try.cjs <<'JS'
const assert = require('node:assert');
const koffi = require('koffi');
const libc = koffi.load('libc.so.6');
const toupper = libc.func('int toupper(int)');
const llabs = libc.func('long long llabs(long long)');
const shown = (value) => (typeof value === 'bigint' ? `${value}n` : String(value));
const seen = {};
const note = (what, body) => {
  try {
    seen[what] = body();
  } catch (error) {
    seen[what] = error.constructor.name;
  }
};
const cases = { 'too large': 2 ** 32 + 97, 'too large, bigint': 2n ** 40n + 97n, fraction: 97.9, 'not a number': NaN, infinite: Infinity };
for (const [name, value] of Object.entries({ ...cases, text: '97' })) note(`int, ${name}`, () => toupper(value));
note('int, unsigned HRESULT', () => toupper(0x80070005));
note('int64, 2n ** 64n + 5n', () => shown(llabs(2n ** 64n + 5n)));
note('int64, 2 ** 63', () => shown(llabs(2 ** 63)));
note('int64, 2 ** 53', () => shown(llabs(2 ** 53)));
const Pair = koffi.struct({ small: 'uint8_t', flag: 'bool' });
const pair = (value) => {
  const memory = koffi.alloc(Pair, 1);
  koffi.encode(memory, Pair, value);
  return koffi.decode(memory, Pair);
};
note('struct, member missing', () => pair({ small: 1 }).flag);
note('struct, member unknown', () => pair({ small: 1, flag: true, other: 1 }).flag);
note('struct, too large', () => pair({ small: 300, flag: true }).small);
note('struct, number for a bool', () => pair({ small: 1, flag: 1 }).flag);
const written = (type, length, value) => {
  const memory = koffi.alloc('uint8_t', 8);
  koffi.encode(memory, koffi.array(type, length), value);
  return [...koffi.decode(memory, koffi.array('uint8_t', 4))].join(' ');
};
note('list of 4 for 2', () => written('uint8_t', 2, [1, 2, 3, 4]));
console.log(seen);
assert.deepStrictEqual(seen, {
  'int, too large': 65,
  'int, too large, bigint': 65,
  'int, fraction': 65,
  'int, not a number': 0,
  'int, infinite': 0,
  'int, text': 'TypeError',
  'int, unsigned HRESULT': 0x80070005 - 2 ** 32,
  'int64, 2n ** 64n + 5n': '5',
  'int64, 2 ** 63': '9223372036854775807n',
  'int64, 2 ** 53': '9007199254740992',
  'struct, member missing': false,
  'struct, member unknown': true,
  'struct, too large': 44,
  'struct, number for a bool': 'TypeError',
  'list of 4 for 2': '1 2 0 0',
});
JS
node try.cjs
