#!/usr/bin/env bash
# The errno of an asynchronous koffi call is there in its callback and nowhere later: behind await it is that of something else.
#
# Versions:  koffi 3.3.4 (npm), Node 20, a library of a few lines built with Debian's gcc.
# Guess:     errno belongs to a thread, so what an asynchronous call left in that of its worker is lost: koffi.errno() in the
#            callback gives what the main thread had before. After a synchronous call it stays until the next koffi call.
# Seen:      the callback gets its own call's errno, also of several calls that end together. Behind `await` of the promisified
#            call that is gone: the same line that is right in a callback is wrong behind await, without an error. After a
#            synchronous call koffi keeps no copy: to look for a file that does not exist makes it 2, also in the middle of a
#            C function that calls back. What koffi.errno(n) sets reaches a synchronous call, not an asynchronous one.
# So:        errno is read in the first line of the callback and goes into the error that is thrown; what promisifies a call
#            does that, not what awaits it. A callback into JavaScript costs C its errno.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >library.c <<'C'
#include <errno.h>
#include <unistd.h>

typedef int (*callback)(void);

int fails(int error) {
    usleep(2000);
    errno = error;
    return -1;
}

int ask(void) { return errno; }

int through(callback back, int error) {
    errno = error;
    back();
    return errno;
}
C
gcc -shared -fPIC -o library.so library.c

cat >try.cjs <<'JS'
const { existsSync } = require('node:fs');
const { promisify } = require('node:util');
const koffi = require('koffi');

const library = koffi.load('./library.so');
const fails = library.func('int fails(int error)');
const ask = library.func('int ask()');
koffi.proto('int callback()');
const through = library.func('int through(callback *back, int error)');
const lines = [];
const note = (name, value) => lines.push(`${name}: ${value}`);

function afterSync(name, act) {
  fails(61);
  act();
  note(`sync, then ${name}`, koffi.errno());
}

/** The errno in the callback of an asynchronous call. */
const inCallback = (error) => new Promise((resolve) => fails.async(error, () => resolve(koffi.errno())));

async function main() {
  afterSync('nothing', () => undefined);
  afterSync('a file that is not there', () => existsSync('/absent/file'));
  note('C asks after a quiet callback', through(() => 0, 44));
  note('C asks after a callback that looks for a file', through(() => Number(existsSync('/absent/file')), 44));
  koffi.errno(33);
  note('set, then asked by a call', ask());
  koffi.errno(33);
  note('set, then found by an asynchronous call', (await promisify(ask.async)()) === 33);

  note('callback', await inCallback(71));
  note('three callbacks', (await Promise.all([72, 73, 74].map(inCallback))).join(' '));
  const promised = promisify(fails.async);
  koffi.errno(33);
  await promised(75);
  note('behind await the own errno', koffi.errno() === 75);
  await Promise.all([promised(76), promised(77)]);
  note('behind await of two an own errno', [76, 77].includes(koffi.errno()));
  for (const line of lines) console.log(line);
}
main();
JS
timeout 60 node try.cjs | tee seen
cat >expected <<'TEXT'
sync, then nothing: 61
sync, then a file that is not there: 2
C asks after a quiet callback: 44
C asks after a callback that looks for a file: 2
set, then asked by a call: 33
set, then found by an asynchronous call: false
callback: 71
three callbacks: 72 73 74
behind await the own errno: false
behind await of two an own errno: false
TEXT
diff expected seen
