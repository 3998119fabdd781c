#!/usr/bin/env bash
# koffi.decode and koffi.encode with a type and a count keep some bytes of memory for each call; a type with its length does not.
#
# Versions:  koffi 3.3.4 (npm), Node 20, glibc 2.36 (Debian 12).
# Guess:     decode(memory, 'uint8_t', 16) and decode(memory, 'uint8_t[16]') are two spellings of one thing. What a call needs
#            is garbage after it; a type that was made once is found again by what it consists of.
# Seen:      the first makes a new array type at each call, and no type is ever freed: about 18 bytes stay for each call,
#            whatever the element and the length, as they do for encode and for koffi.array(). They stay after full
#            collections and after turns of the event loop in which finalizers run. The spelling with the length, whether in
#            decode or in encode, keeps nothing (a length that is new some hundred bytes, once), nor do koffi.pointer(),
#            koffi.view(), or a decode of one value. A prototype without a name keeps about eighty times as much.
# So:        a program that runs for days writes the length into the type, makes each type and prototype once, at the top, and
#            reads buffers of changing length by koffi.view().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >try.cjs <<'JS'
const assert = require('node:assert');
const koffi = require('koffi');
const memory = koffi.alloc('uint8_t', 64);
let length = 1000;
const cases = {
  'decode, type and count': [() => koffi.decode(memory, 'uint8_t', 16), 200_000],
  'decode, offset, type and count': [() => koffi.decode(memory, 4, 'uint32_t', 4), 200_000],
  'encode, type and count': [() => koffi.encode(memory, 'uint8_t', [1, 2, 3, 4], 4), 200_000],
  'koffi.array': [() => koffi.array('uint8_t', 16), 200_000],
  'type with a new length': [() => koffi.sizeof(`uint8_t[${++length}]`), 5_000],
  'koffi.proto without a name': [() => koffi.proto('int', ['int']), 10_000],
  'decode, type with length': [() => koffi.decode(memory, 'uint8_t[16]'), 200_000],
  'encode, type with length': [() => koffi.encode(memory, 'uint8_t[4]', [1, 2, 3, 4]), 200_000],
  'decode, one value': [() => koffi.decode(memory, 'uint8_t'), 200_000],
  'koffi.pointer': [() => koffi.pointer('uint8_t'), 200_000],
  'koffi.view': [() => koffi.view(memory, 16), 200_000],
};
const sizes = 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost'.split(' ');
koffi.struct('Malloc', Object.fromEntries(sizes.map((name) => [name, 'size_t'])));
const mallinfo2 = koffi.load('libc.so.6').func('Malloc mallinfo2()');
/** Bytes that are allocated in the C library: the heap of JavaScript is not among them. */
const allocated = () => {
  const { uordblks, hblkhd } = mallinfo2();
  return Number(uordblks) + Number(hblkhd);
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const settle = async () => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await turn();
  }
};

/** Bytes that stay of each call: the median of seven rounds, as only what is never freed is in most of them. */
async function kept(call, calls) {
  const rounds = [];
  for (let round = 0; round < 7; round++) {
    await settle();
    const before = allocated();
    for (let i = 1; i <= calls; i++) {
      call();
      if (i % 10_000 === 0) await turn();
    }
    await settle();
    rounds.push((allocated() - before) / calls);
  }
  return rounds.sort((a, b) => a - b)[3];
}

(async () => {
  const seen = {};
  for (const [name, [call, calls]] of Object.entries(cases)) {
    const bytes = await kept(call, calls);
    console.log(`${name}: ${bytes.toFixed(1)} bytes a call`);
    seen[name] = bytes > 1000 ? 'over 1000' : bytes > 9 ? 'over 9' : 'none';
  }
  assert.deepStrictEqual(seen, {
    'decode, type and count': 'over 9',
    'decode, offset, type and count': 'over 9',
    'encode, type and count': 'over 9',
    'koffi.array': 'over 9',
    'type with a new length': 'over 9',
    'koffi.proto without a name': 'over 1000',
    'decode, type with length': 'none',
    'encode, type with length': 'none',
    'decode, one value': 'none',
    'koffi.pointer': 'none',
    'koffi.view': 'none',
  });
})();
JS
timeout 200 node --expose-gc try.cjs
