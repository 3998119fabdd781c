#!/usr/bin/env bash
# libarchive-wasm takes a warning of libarchive for the end of the archive: its loop ends early, without an exception.
#
# Versions:  libarchive-wasm 1.2.0 (npm; libarchive 3.7.7), Node 20.
# Guess:     entries() and forEach() give every member and throw where libarchive fails. A warning, with which libarchive hands
#            out the member all the same, does not show. Names come out as UTF-8.
# Seen:      a cabinet that belongs to a set, with all its members whole, looks empty: no entry, no exception. Only
#            error_string() tells of it. A second loop over the same reader continues with the second member. Names are
#            converted as in the C locale: of a member whose name is marked as UTF-8 every letter beyond ASCII becomes `*`,
#            so that two names can become one, and one that is not marked comes out empty.
# So:        after the loop look at error_string(reader.archive), and count the members against the cabinet's own header. Take
#            the names from there as well, or refuse those beyond ASCII.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund libarchive-wasm@1.2.0

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');

/** A cabinet of members of 16 bytes, not compressed. A cabinet of a set names the one that follows. */
function cabinet(names, { utf8 = false, next } = {}) {
  const more = next ? Buffer.from(`${next}\0disk 2\0`) : Buffer.alloc(0);
  const content = Buffer.alloc(16 * names.length, 'text');
  const entries = names.map((name, index) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(16, 0);
    entry.writeUInt32LE(16 * index, 4);
    entry.writeUInt16LE(0x5a21, 10);
    entry.writeUInt16LE(utf8 ? 0xa0 : 0x20, 14);
    return Buffer.concat([entry, Buffer.from(`${name}\0`)]);
  });
  const files = 36 + more.length + 8;
  const data = files + Buffer.concat(entries).length;
  // Without a checksum: the field is 0.
  const block = Buffer.alloc(8);
  block.writeUInt16LE(content.length, 4);
  block.writeUInt16LE(content.length, 6);
  const header = Buffer.alloc(36);
  header.write('MSCF');
  header.writeUInt32LE(data + block.length + content.length, 8);
  header.writeUInt32LE(files, 16);
  header.set([3, 1, 1, 0, names.length, 0, next ? 2 : 0], 24);
  const folder = Buffer.alloc(8);
  folder.writeUInt32LE(data, 0);
  folder.writeUInt16LE(1, 4);
  return Buffer.concat([header, more, folder, ...entries, block, content]);
}

async function main() {
  const wasm = await libarchiveWasm({ print() {}, printErr() {} });
  // A name is there only while its entry is the current one.
  const loop = (reader) => {
    const names = [];
    for (const entry of reader.entries()) names.push(entry.getPathname());
    return names;
  };
  const members = Array.from({ length: 20 }, (_, index) => `member-${index}`);
  const seen = {};
  for (const next of [undefined, 'second.cab']) {
    const reader = new ArchiveReader(wasm, new Int8Array(cabinet(members, { next })));
    const key = next ? 'in a set' : 'alone';
    seen[key] = [loop(reader).length, wasm.error_string(reader.archive)];
    if (next) seen[`${key}, second loop`] = loop(reader).length;
    reader.free();
  }
  for (const utf8 of [true, false]) {
    const reader = new ArchiveReader(wasm, new Int8Array(cabinet(['caf\u00e9', 'caf\u00e8', 'plain'], { utf8 })));
    seen[`names, ${utf8 ? 'marked as UTF-8' : 'not marked'}`] = loop(reader);
    reader.free();
  }
  console.log(seen);
  assert.deepStrictEqual(seen, {
    alone: [20, ''],
    'in a set': [0, 'Multivolume cabinet file is unsupported'],
    'in a set, second loop': 19,
    'names, marked as UTF-8': ['caf*', 'caf*', 'plain'],
    'names, not marked': ['', '', 'plain'],
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
