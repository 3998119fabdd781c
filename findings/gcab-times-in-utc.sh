#!/usr/bin/env bash
# gcab writes the time of a file in UTC where every reader takes it for local time, and a date before 1980 becomes one in 2098.
#
# Versions:  gcab 1.5-1, cabextract 1.9-3 with libmspack 0.11-1 (Debian 12), libarchive 3.7.7 (npm libarchive-wasm 1.2.0).
# Guess:     the time in a cabinet is local time, as in a zip, so that a file that is packed and unpacked on one machine keeps its
#            time. What was changed before 1980, where the format begins, gets 1980. Read-only and executable files carry the
#            flags that the format has for them, and gcab -x gives all of it back.
# Seen:      of a file of noon in New York gcab writes 16:00 in July and 17:00 in January, whatever TZ says. cabextract and
#            libarchive read local time, and so the file is four or five hours newer there; between UTC and UTC it is right.
#            The years count from 1980 in seven bits: 1970, where builds put all files to be reproducible, becomes 2098. No
#            flag but the archive bit is written. gcab -x sets no times: a file is as old as its unpacking.
# So:        a build that packs by gcab sets its files to a date after 1980 and runs the readers in its tests with TZ=UTC. A program
#            that compares the times of a cabinet with those of a disk allows for the time zone of the machine that packed it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund libarchive-wasm@1.2.0
apt-get download cabextract=1.9-3 libmspack0=0.11-1 gcab=1.5-1 libgcab-1.0-0=1.5-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
libraries=$(dirname "$(find debian -name 'libmspack.so.0*' | head -n 1)")
LD_LIBRARY_PATH=$(realpath "$libraries")
export LD_LIBRARY_PATH TZ=America/New_York

mkdir in
for name in july january epoch; do printf data >"in/$name"; done
touch -d '2024-07-01 12:00:00' in/july
touch -d '2024-01-01 12:00:00' in/january
touch -d '@86400' in/epoch
chmod 555 in/january
bin=$(realpath debian/usr/bin)

cat >fields.py <<'PY'
import struct
import sys

data = open(sys.argv[1], 'rb').read()
at, = struct.unpack_from('<I', data, 16)
for _ in range(struct.unpack_from('<H', data, 28)[0]):
    date, time, flags = struct.unpack_from('<HHH', data, at + 10)
    end = data.index(b'\0', at + 16)
    name = data[at + 16:end].decode()
    print(f'{name} {(date >> 9) + 1980}-{date >> 5 & 15:02}-{date & 31:02} {time >> 11:02}:{time >> 5 & 63:02} flags {flags:#x}')
    at = end + 1
PY
cat >libarchive.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { ArchiveReader, libarchiveWasm } = require('libarchive-wasm');
(async () => {
  const archive = new ArchiveReader(await libarchiveWasm({ print() {}, printErr() {} }), new Int8Array(readFileSync('TZ.cab')));
  for (const entry of archive.entries()) {
    const time = new Date(entry.getModificationTime());
    console.log(entry.getPathname(), `${time.toISOString().slice(0, 10)} ${time.toTimeString().slice(0, 5)}`);
  }
})();
JS
times() { for name in july january epoch; do date -r "$1/$name" "+$name %Y-%m-%d %H:%M"; done; }
{
  for zone in America/New_York UTC; do
    (cd in && TZ=$zone "$bin/gcab" -c ../TZ.cab july january epoch)
    echo "written with TZ=$zone"
    python3 fields.py TZ.cab
  done
  echo 'unpacked by cabextract'
  "$bin/cabextract" -q -d out TZ.cab
  times out
  echo 'read by libarchive'
  node libarchive.cjs | grep -v epoch
  echo 'unpacked by gcab'
  mkdir own
  touch mark
  "$bin/gcab" -x -C own TZ.cab >/dev/null
  for name in july january epoch; do
    if [ "own/$name" -ot mark ]; then echo "$name old"; else echo "$name new"; fi
  done
} | tee seen
cat >expected <<'TEXT'
written with TZ=America/New_York
july 2024-07-01 16:00 flags 0x20
january 2024-01-01 17:00 flags 0x20
epoch 2098-01-02 00:00 flags 0x20
written with TZ=UTC
july 2024-07-01 16:00 flags 0x20
january 2024-01-01 17:00 flags 0x20
epoch 2098-01-02 00:00 flags 0x20
unpacked by cabextract
july 2024-07-01 16:00
january 2024-01-01 17:00
epoch 2098-01-02 00:00
read by libarchive
july 2024-07-01 16:00
january 2024-01-01 17:00
unpacked by gcab
july new
january new
epoch new
TEXT
diff expected seen
