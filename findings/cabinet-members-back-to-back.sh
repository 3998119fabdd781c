#!/usr/bin/env bash
# libarchive opens only cabinets whose members lie back to back in the order of the table; others read them in any order.
#
# Versions:  libarchive 3.7.7 (npm libarchive-wasm 1.2.0), 7-Zip 24.09 (npm 7z-wasm 1.2.0), libmspack 0.11 and gcab 1.5
#            (Debian 12).
# Guess:     each entry of the table gives its folder and the offset of its bytes there, so any order will do, and two names
#            may share the same bytes, as packers that store equal files once have it. A reader that streams hands out what
#            it can and fails at the entry for which it would have to go back.
# Seen:      libmspack, gcab and 7-Zip read all of them. libarchive refuses the whole cabinet before its first entry, as an
#            invalid header: for shared bytes, another order of entries or of folders, bytes that no entry covers, and even
#            for an empty member whose offset is 0 where bytes come before.
# So:        a product that reads cabinets with libarchive must not call such a one damaged. One that writes them keeps to the
#            order of the bytes, gives an empty member the offset where it stands, and stores equal files twice.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund libarchive-wasm@1.2.0 7z-wasm@1.2.0
apt-get download cabextract=1.9-3 libmspack0=0.11-1 gcab=1.5-1 libgcab-1.0-0=1.5-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
libraries=$(dirname "$(find debian -name 'libmspack.so.0*' | head -n 1)")

cat >make.py <<'PY'
import struct

ONE, TWO = b'first member', b'the other member'


def cabinet(name, folders, members):
    """Folders are what they hold, in whole words and not compressed; members are (name, size, offset, folder)."""
    table = b''.join(struct.pack('<IIHHHH', size, offset, folder, 0x5A21, 0, 0x20) + title + b'\0'
                     for title, size, offset, folder in members)
    start = 36 + 8 * len(folders)
    at, heads, blocks = start + len(table), b'', b''
    for content in folders:
        heads += struct.pack('<IHH', at + len(blocks), 1, 0)
        sizes = struct.pack('<HH', len(content), len(content))
        total = 0
        for (word,) in struct.iter_unpack('<I', sizes + content):
            total ^= word
        blocks += struct.pack('<I', total) + sizes + content
    counts = struct.pack('<BBHHHHH', 3, 1, len(folders), len(members), 0, 0, 0)
    header = struct.pack('<4sIIIII', b'MSCF', 0, at + len(blocks), 0, start, 0) + counts
    with open(name + '.cab', 'wb') as file:
        file.write(header + heads + table + blocks)


a, b = (b'a', len(ONE), 0, 0), (b'b', len(TWO), len(ONE), 0)
cabinet('in-order', [ONE + TWO], [a, b])
cabinet('shared-bytes', [ONE + TWO], [a, b, (b'c', len(ONE), 0, 0)])
cabinet('entries-swapped', [ONE + TWO], [b, a])
cabinet('folders-swapped', [TWO, ONE], [(b'a', len(ONE), 0, 1), (b'b', len(TWO), 0, 0)])
cabinet('bytes-unused', [ONE + b'????' + TWO], [a, (b'b', len(TWO), len(ONE) + 4, 0)])
cabinet('empty-at-0', [ONE + TWO], [a, b, (b'e', 0, 0, 0)])
PY
python3 make.py

cat >read.cjs <<'JS'
// Writes the members of a cabinet into a folder, by libarchive or by 7-Zip.
const { readFileSync, writeFileSync } = require('node:fs');
const [, , reader, cabinet, folder] = process.argv;
async function libarchive() {
  const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');
  const archive = new ArchiveReader(await libarchiveWasm({ print() {}, printErr() {} }), new Int8Array(readFileSync(cabinet)));
  for (const entry of archive.entries()) writeFileSync(`${folder}/${entry.getPathname()}`, entry.readData() ?? '');
}
async function sevenZip() {
  const { FS, callMain } = await require('7z-wasm')({ print() {}, printErr() {} });
  FS.writeFile('in.cab', readFileSync(cabinet));
  callMain(['x', '-y', '-oout', 'in.cab']);
  for (const name of FS.readdir('out').filter((name) => !name.startsWith('.'))) writeFileSync(`${folder}/${name}`, FS.readFile(`out/${name}`));
}
(reader === 'libarchive' ? libarchive() : sevenZip()).catch(() => (process.exitCode = 1));
JS

declare -A third=([shared-bytes]='c[first member]' [empty-at-0]='e[]')
seen=''
for kind in in-order shared-bytes entries-swapped folders-swapped bytes-unused empty-at-0; do
  line="$kind:"
  for reader in libarchive 7-Zip libmspack gcab; do
    mkdir -p "$kind/$reader"
    case $reader in
      libmspack) LD_LIBRARY_PATH=$libraries timeout 20 debian/usr/bin/cabextract -q -d "$kind/$reader" "$kind.cab" >/dev/null 2>&1 || true ;;
      gcab) LD_LIBRARY_PATH=$libraries timeout 20 debian/usr/bin/gcab -x -C "$kind/$reader" "$kind.cab" >/dev/null 2>&1 || true ;;
      *) timeout 20 node read.cjs "$reader" "$kind.cab" "$kind/$reader" || true ;;
    esac
    members=$(cd "$kind/$reader" && for member in *; do [ ! -e "$member" ] || printf '%s[%s]' "$member" "$(cat "$member")"; done)
    case $members in
      '') members=none ;;
      "a[first member]b[the other member]${third[$kind]:-}") members=all ;;
    esac
    line+=" $reader $members,"
  done
  echo "${line%,}"
  seen+="${line%,};"
done
all='7-Zip all, libmspack all, gcab all'
expected="in-order: libarchive all, $all;"
for kind in shared-bytes entries-swapped folders-swapped bytes-unused empty-at-0; do expected+="$kind: libarchive none, $all;"; done
[ "$seen" = "$expected" ]
