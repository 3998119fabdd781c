#!/usr/bin/env bash
# koffi calls the disposer of a type for NULL too, for texts that koffi made itself, and for each decode of a struct.
#
# Versions:  koffi 3.3.4 (npm), Node 20, a library of a few lines built with Debian's gcc.
# Guess:     a disposable type frees what C handed over, once, when it has become a JavaScript value. For NULL there is nothing
#            to do. What JavaScript passed to C is koffi's own. koffi.decode() disposes of every such value, or of none.
# Seen:      for NULL the function runs with null, in a result and in an _Out_ list. decode() of a struct with such a member
#            calls it at each reading, for the same pointer again; decode() of the bare type never does. In an _Inout_ struct
#            the text that JavaScript put in, and C left alone, is given to the function as well. A pointer that stays a
#            pointer is disposed of before the caller has it. Where the function throws, the call throws and its result is
#            gone; it has run all the same.
# So:        a disposable type is for results and for _Out_ parameters. Its function tests for null, and does not throw; a
#            struct that is read more than once has a plain pointer, which the caller frees.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >lib.c <<'C'
#include <stddef.h>
typedef struct { int n; char *text; } Named;
static int calls;
char *give(int some) { calls++; return some ? "text" : NULL; }
int count(void) { return calls; }
void list(int n, char **out) { for (int i = 0; i < n; i++) out[i] = i == 1 ? NULL : "text"; }
void touch(Named *named) { named->n++; }
C
gcc -shared -fPIC -o lib.so lib.c

cat >try.cjs <<'JS'
const assert = require('node:assert');
const koffi = require('koffi');
const lib = koffi.load('./lib.so');
// The disposers free nothing: they only write down for what they are called.
let disposed = [];
koffi.disposable('Text', 'char *', (pointer) => disposed.push(pointer === null ? 'null' : 'pointer'));
koffi.disposable('Handle', koffi.pointer(koffi.opaque()), () => disposed.push('handle'));
koffi.disposable('Throwing', 'char *', () => {
  throw new Error('from the disposer');
});
const Named = koffi.struct('Named', { n: 'int', text: 'Text' });
const seen = {};
const note = (what, body) => {
  disposed = [];
  let value;
  try {
    value = body();
  } catch (error) {
    value = error.message;
  }
  seen[what] = `${JSON.stringify(value)}, disposed: ${disposed.join(' ') || 'none'}`;
};
const give = lib.func('Text give(int)');
const memory = koffi.alloc(Named, 1);
koffi.encode(memory, Named, { n: 1, text: 'mine' });
const pointer = koffi.alloc('void *', 1);
koffi.encode(pointer, 'char *', 'mine');
note('result', () => give(1));
note('result NULL', () => give(0));
note('_Out_ list', () => {
  const texts = [null, null, null];
  lib.func('void list(int, _Out_ Text *)')(3, texts);
  return texts;
});
note('_Inout_ struct', () => {
  const named = { n: 1, text: 'mine' };
  lib.func('void touch(_Inout_ Named *)')(named);
  return named;
});
note('struct decoded twice', () => [koffi.decode(memory, Named).text, koffi.decode(memory, Named).text]);
note('text decoded', () => koffi.decode(pointer, 'Text'));
note('pointer', () => typeof lib.func('Handle give(int)')(1));
const count = lib.func('int count()');
note('disposer throws', () => {
  const before = count();
  try {
    lib.func('Throwing give(int)')(1);
  } catch (error) {
    return `${error.message}, after ${count() - before} call`;
  }
});
console.log(seen);
assert.deepStrictEqual(seen, {
  result: '"text", disposed: pointer',
  'result NULL': 'null, disposed: null',
  '_Out_ list': '["text",null,"text"], disposed: pointer null pointer',
  '_Inout_ struct': '{"n":2,"text":"mine"}, disposed: pointer',
  'struct decoded twice': '["mine","mine"], disposed: pointer pointer',
  'text decoded': '"mine", disposed: none',
  pointer: '"bigint", disposed: handle',
  'disposer throws': '"from the disposer, after 1 call", disposed: none',
});
JS
node try.cjs
