#!/usr/bin/env bash
# Readers disagree on whether the bytes that a cabinet reserves in each of its data blocks count in the block's checksum.
#
# Versions:  libarchive 3.7.7 (npm libarchive-wasm 1.2.0), libmspack 0.11 (Debian's cabextract 1.9-3).
# Guess:     both count them, as Microsoft's description of CFDATA has it: the sum runs from the sizes to the end of the block.
# Seen:      libarchive counts them and refuses a block whose sum leaves them out; libmspack leaves them out and refuses one
#            whose sum counts them. No cabinet with reserved bytes and a checksum satisfies both; without reserved bytes both
#            read it. libarchive hands out the bytes before it says that they are wrong.
# So:        a check of blocks that calls no whole cabinet damaged has to accept both sums.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --save-exact libarchive-wasm@1.2.0 >/dev/null
apt-get download cabextract=1.9-3 libmspack0=0.11-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/debian" -name 'libmspack.so.0*' | head -n 1)")
cabextract=$work/debian/usr/bin/cabextract

cat >make.py <<'PY'
import struct, sys

def xor(data, start):
    total = start
    whole = len(data) // 4 * 4
    for (word,) in struct.iter_unpack('<I', data[:whole]):
        total ^= word
    rest = 0
    for byte in data[whole:]:
        rest = rest << 8 | byte
    return total ^ rest

def build(reserve, counted):
    name, body = b'a.txt\0', b'sixteen bytes or so.'
    head = 36 + 4 + 8 + 16 + len(name)
    sizes = struct.pack('<HH', len(body), len(body))
    total = xor(sizes + (reserve if counted else b''), xor(body, 0))
    block = struct.pack('<I', total) + sizes + reserve + body
    header = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, head + len(block), 0, 48, 0, 3, 1, 1, 1, 4, 0, 0)
    header += struct.pack('<HBB', 0, 0, len(reserve))
    folder = struct.pack('<IHH', head, 1, 0)
    entry = struct.pack('<IIHHHH', len(body), 0, 0, 0x5A21, 0, 0x20) + name
    return header + folder + entry + block

for kind, reserve, counted in (('none', b'', True), ('counted', b'\xa5\x5a\x11\x22', True), ('left-out', b'\xa5\x5a\x11\x22', False)):
    open(kind + '.cab', 'wb').write(build(reserve, counted))
PY
python3 make.py

cat >read.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');
libarchiveWasm({ print() {}, printErr() {} }).then((wasm) => {
  const reader = new ArchiveReader(wasm, new Int8Array(readFileSync(process.argv[2])));
  let text = '';
  try {
    for (const entry of reader.entries()) text += Buffer.from(entry.readData() ?? []).toString();
  } catch {}
  // The bytes come first; that they are wrong is told afterwards.
  const whole = text.startsWith('sixteen') && !wasm.error_string(reader.archive);
  process.stdout.write(whole ? 'reads' : 'refuses');
});
JS

seen=''
for kind in none counted left-out; do
  mspack=$("$cabextract" -q -p "$kind.cab" 2>/dev/null | grep -q '^sixteen' && "$cabextract" -q -t "$kind.cab" >/dev/null 2>&1 && echo reads || echo refuses)
  line="$kind: libarchive $(node read.cjs "$kind.cab"), libmspack $mspack"
  echo "$line"
  seen+="$line;"
done
[ "$seen" = 'none: libarchive reads, libmspack reads;counted: libarchive reads, libmspack refuses;left-out: libarchive refuses, libmspack reads;' ]
