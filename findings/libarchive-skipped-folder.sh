#!/usr/bin/env bash
# libarchive calls a sound cabinet damaged when the first thing that is read of it lies in its second folder.
#
# Versions:  libarchive 3.7.7 (npm libarchive-wasm 1.2.0), libmspack 0.11 (Debian's cabextract 1.9-3).
# Guess:     a member that is not read is skipped, whatever it is: the table says where the data of each folder begin. So one
#            member of many can be taken out, as from a zip, and by cabextract -F.
# Seen:      the data of the second folder read well only if something of the first was read before, and one byte is enough.
#            If all members of the first folder were passed over, or skipped by skipData(), it is "Invalid CFDATA" for each
#            later folder. Within one folder members can be skipped. The loop over the names alone tells of nothing.
# So:        a reader on libarchive reads every member up to the one it wants, or at least a byte of each. An "Invalid CFDATA"
#            of a program that skips members says nothing about the cabinet.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund libarchive-wasm@1.2.0
apt-get download cabextract=1.9-3 libmspack0=0.11-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
libraries=$(dirname "$(find debian -name 'libmspack.so.0*' | head -n 1)")

cat >make.cjs <<'JS'
// A cabinet of three folders with two members each, not compressed, and without checksums: their field is 0.
const { writeFileSync } = require('node:fs');
const entries = [];
const blocks = [];
for (let folder = 0; folder < 3; folder++) {
  const contents = [0, 1].map((member) => `member ${member} of folder ${folder}`);
  for (const [member, content] of contents.entries()) {
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(content.length, 0);
    entry.writeUInt32LE(member * content.length, 4);
    entry.writeUInt16LE(folder, 8);
    entry.writeUInt16LE(0x5a21, 10);
    entry.writeUInt16LE(0x20, 14);
    entries.push(entry, Buffer.from(`${folder}${member}\0`));
  }
  const content = Buffer.from(contents.join(''));
  const head = Buffer.alloc(8);
  head.writeUInt16LE(content.length, 4);
  head.writeUInt16LE(content.length, 6);
  blocks.push(Buffer.concat([head, content]));
}
const files = 36 + 8 * blocks.length;
let at = files + Buffer.concat(entries).length;
const folders = blocks.map((block) => {
  const folder = Buffer.alloc(8);
  folder.writeUInt32LE(at, 0);
  folder.writeUInt16LE(1, 4);
  at += block.length;
  return folder;
});
const header = Buffer.alloc(36);
header.write('MSCF');
header.writeUInt32LE(at, 8);
header.writeUInt32LE(files, 16);
header.set([3, 1, blocks.length, 0, entries.length / 2, 0], 24);
writeFileSync('three.cab', Buffer.concat([header, ...folders, ...entries, ...blocks]));
JS
node make.cjs

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');
const bytes = new Int8Array(readFileSync('three.cab'));
async function main() {
  const wasm = await libarchiveWasm({ print() {}, printErr() {} });
  /** What is read of the members that are `wanted`, with `pass` done to the others. */
  const read = (wanted, pass) => {
    const reader = new ArchiveReader(wasm, bytes);
    const found = [];
    try {
      for (const entry of reader.entries()) {
        if (wanted.includes(entry.getPathname())) found.push(Buffer.from(entry.readData()).toString());
        else pass(entry, reader);
      }
      return found.join(', ');
    } catch (error) {
      return error.message;
    } finally {
      reader.free();
    }
  };
  const seen = {
    'only 01': read(['01'], () => {}),
    'only 10': read(['10'], () => {}),
    'only 21, others by skipData': read(['21'], (entry) => entry.skipData()),
    '00 and 10': read(['00', '10'], () => {}),
    '01 and 21': read(['01', '21'], () => {}),
    'only 21, a byte of each other': read(['21'], (_, reader) => reader.readData(1)),
    none: read([], () => {}),
  };
  console.log(seen);
  assert.deepStrictEqual(seen, {
    'only 01': 'member 1 of folder 0',
    'only 10': 'Invalid CFDATA',
    'only 21, others by skipData': 'Invalid CFDATA',
    '00 and 10': 'member 0 of folder 0, member 0 of folder 1',
    '01 and 21': 'member 1 of folder 0, member 1 of folder 2',
    'only 21, a byte of each other': 'member 1 of folder 2',
    none: '',
  });
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
JS
timeout 60 node try.cjs
mspack=$(LD_LIBRARY_PATH=$libraries timeout 20 debian/usr/bin/cabextract -q -p -F 21 three.cab)
echo "cabextract -F 21: $mspack"
[ "$mspack" = 'member 1 of folder 2' ]
