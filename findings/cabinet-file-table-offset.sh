#!/usr/bin/env bash
# Half of the readers of cabinets ignore where the header says that the table of files is, and one wants every checksum.
#
# Versions:  libmspack 0.11 and gcab 1.5 (Debian 12), libarchive 3.7.7 (npm libarchive-wasm 1.2.0), 7-Zip 24.09 (npm 7z-wasm
#            1.2.0).
# Guess:     the header has the offset of the first file entry so that readers go there: bytes between the folders and the
#            files do not matter, and with files behind the data only a reader that cannot go back has trouble. A checksum of
#            0 says that there is none.
# Seen:      libmspack and gcab read the entries right behind the folders, whatever the header says. A gap of 16 bytes makes
#            the cabinet unreadable for both. libarchive bears the gap, but not a table behind the data; 7-Zip reads
#            everything. A block without a checksum is read by all but gcab, which calls it wrong.
# So:        who writes cabinets puts the files right behind the folders and always writes the checksums. A check that finds a
#            cabinet damaged by one reader has not shown much.
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


def cabinet(name, gap=0, behind=False, summed=True):
    """One member of whole words, not compressed."""
    content, title = b'a text of 20 bytes..', b'a.txt\0'
    sizes = struct.pack('<HH', len(content), len(content))
    total = 0
    for (word,) in struct.iter_unpack('<I', sizes + content):
        total ^= word
    block = struct.pack('<I', total if summed else 0) + sizes + content
    entry = struct.pack('<IIHHHH', len(content), 0, 0, 0x5A21, 0, 0x20) + title
    first = 36 + 8 + gap
    files, data = (first + len(block), first) if behind else (first, first + len(entry))
    size = first + len(entry) + len(block)
    header = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, size, 0, files, 0, 3, 1, 1, 1, 0, 0, 0)
    folder = struct.pack('<IHH', data, 1, 0)
    with open(name + '.cab', 'wb') as file:
        file.write(header + folder + bytes(gap) + (block + entry if behind else entry + block))


cabinet('plain')
cabinet('gap', gap=16)
cabinet('files-behind-data', behind=True)
cabinet('no-checksum', summed=False)
PY
python3 make.py

cat >read.cjs <<'JS'
// Writes the member of a cabinet into a folder, by libarchive or by 7-Zip.
const { readFileSync, writeFileSync } = require('node:fs');
const [, , reader, cabinet, folder] = process.argv;
const silent = { print() {}, printErr() {} };
async function libarchive() {
  const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');
  const archive = new ArchiveReader(await libarchiveWasm(silent), new Int8Array(readFileSync(cabinet)));
  for (const entry of archive.entries()) writeFileSync(`${folder}/${entry.getPathname()}`, entry.readData() ?? '');
}
async function sevenZip() {
  const { FS, callMain } = await require('7z-wasm')(silent);
  FS.writeFile('in.cab', readFileSync(cabinet));
  callMain(['x', '-y', '-oout', 'in.cab']);
  writeFileSync(`${folder}/a.txt`, FS.readFile('out/a.txt'));
}
(reader === 'libarchive' ? libarchive() : sevenZip()).catch(() => (process.exitCode = 1));
JS

seen=''
for kind in plain gap files-behind-data no-checksum; do
  line="$kind:"
  for reader in libmspack gcab libarchive 7-Zip; do
    folder=$kind/$reader
    mkdir -p "$folder"
    case $reader in
      libmspack) LD_LIBRARY_PATH=$libraries timeout 20 debian/usr/bin/cabextract -q -d "$folder" "$kind.cab" >/dev/null 2>&1 || true ;;
      gcab) LD_LIBRARY_PATH=$libraries timeout 20 debian/usr/bin/gcab -x -C "$folder" "$kind.cab" >/dev/null 2>&1 || true ;;
      *) timeout 20 node read.cjs "$reader" "$kind.cab" "$folder" || true ;;
    esac
    if [ "$(cat "$folder/a.txt" 2>/dev/null)" = 'a text of 20 bytes..' ]; then line+=" $reader reads,"; else line+=" $reader fails,"; fi
  done
  echo "${line%,}"
  seen+="${line%,};"
done
expected='plain: libmspack reads, gcab reads, libarchive reads, 7-Zip reads;'
expected+='gap: libmspack fails, gcab fails, libarchive reads, 7-Zip reads;'
expected+='files-behind-data: libmspack fails, gcab fails, libarchive fails, 7-Zip reads;'
expected+='no-checksum: libmspack reads, gcab fails, libarchive reads, 7-Zip reads;'
[ "$seen" = "$expected" ]
