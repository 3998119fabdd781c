#!/usr/bin/env bash
# What C does not write into koffi's _Out_ argument becomes zero, and objects within it are replaced; a typed array keeps all.
#
# Versions:  koffi 3.3.4 (npm), Node 20, a library of a few lines built with Debian's gcc.
# Guess:     after a call an _Out_ argument has what C wrote; what C did not touch stays as it was. Objects and lists within the
#            object are filled where they are. An input stays untouched. A frozen object throws.
# Seen:      C gets fresh memory, and all of it comes back: of a call that fails and writes nothing, [7] is [0], and of [1, 2]
#            the second becomes 0. With _Inout_ they stay. Nested objects and lists are new ones, a list is an Int32Array
#            after it, and a reference that was taken before the call sees nothing. A frozen object stays as it is, silently. A
#            typed array is handed to C itself: nothing is zeroed, and what C writes arrives even where the parameter is an
#            input and where the elements are of another size.
# So:        a result counts only after the HRESULT was looked at, and is then read from the object, not from a reference into
#            it. A typed array that C must not change is copied first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >lib.c <<'C'
#include <stdint.h>
typedef struct { int32_t a; struct { int32_t x, y; } in; int32_t list[3]; } Deep;
void fill(Deep *d) { d->in.x = 7; d->list[0] = 1; }
void first(int32_t *p) { *p = 42; }
int nothing(int32_t *p) { return -1; }
C
gcc -shared -fPIC -o lib.so lib.c

cat >try.cjs <<'JS'
const assert = require('node:assert');
const koffi = require('koffi');
const lib = koffi.load('./lib.so');
const In = koffi.struct('In', { x: 'int32_t', y: 'int32_t' });
koffi.struct('Deep', { a: 'int32_t', in: In, list: koffi.array('int32_t', 3) });
const out = { fill: lib.func('void fill(_Out_ Deep *)'), first: lib.func('void first(_Out_ int32_t *)'), nothing: lib.func('int nothing(_Out_ int32_t *)') };
const inout = { fill: lib.func('void fill(_Inout_ Deep *)'), nothing: lib.func('int nothing(_Inout_ int32_t *)') };
const input = { first: lib.func('void first(int32_t *)') };
const after = (call, value) => {
  call(value);
  return value;
};
const deep = () => ({ a: 5, in: { x: 1, y: 2 }, list: [9, 9, 9] });
const plain = (value) => JSON.parse(JSON.stringify(value, (_, item) => (ArrayBuffer.isView(item) ? [...item] : item)));
const frozen = Object.freeze({ ...deep() });
inout.fill(frozen);
const held = deep();
const { in: nested, list } = held;
inout.fill(held);
const seen = {
  'nothing written, _Out_': after(out.nothing, [7]),
  'nothing written, _Inout_': after(inout.nothing, [7]),
  'first of two, _Out_': after(out.first, [1, 2]),
  'object, _Out_': plain(after(out.fill, deep())),
  'object, _Inout_': plain(held),
  'references from before': [nested.x, list[0]],
  'kind of the list': held.list.constructor.name,
  frozen: plain(frozen),
  'typed array, _Out_': [...after(out.first, new Int32Array([1, 2]))],
  'typed array, nothing written': [...after(out.nothing, new Int32Array([7]))],
  'typed array, input': [...after(input.first, new Int32Array([1, 2]))],
  'bytes for integers, input': [...after(input.first, new Uint8Array([9, 9, 9, 9, 9]))],
  'list, input': after(input.first, [1, 2]),
};
console.log(seen);
assert.deepStrictEqual(seen, {
  'nothing written, _Out_': [0],
  'nothing written, _Inout_': [7],
  'first of two, _Out_': [42, 0],
  'object, _Out_': { a: 0, in: { x: 7, y: 0 }, list: [1, 0, 0] },
  'object, _Inout_': { a: 5, in: { x: 7, y: 2 }, list: [1, 9, 9] },
  'references from before': [1, 9],
  'kind of the list': 'Int32Array',
  frozen: { a: 5, in: { x: 1, y: 2 }, list: [9, 9, 9] },
  'typed array, _Out_': [42, 2],
  'typed array, nothing written': [7],
  'typed array, input': [42, 2],
  'bytes for integers, input': [42, 0, 0, 0, 9],
  'list, input': [1, 2],
});
JS
node try.cjs
