#!/usr/bin/env bash
# gcab writes a cabinet that it cannot hold: of 65,539 files it lists three, of 2 GiB it counts two blocks, and both succeed.
#
# Versions:  gcab 1.5-1, cabextract 1.9-3 with libmspack 0.11-1 (Debian 12).
# Guess:     a cabinet counts its files, and the 32 KiB blocks of a folder, in 16 bits. A writer that gets more begins a second
#            folder where the blocks are too many, or fails and says what is too large.
# Seen:      it writes everything and lets the counts wrap. The exit code is 0, and nothing is said. With 65,539 files the
#            header counts 3: every reader lists three and calls the cabinet sound, the bytes of the others lie in it unused.
#            A file of 2 GiB and 64 KiB becomes one folder of 2 blocks. gcab itself does not look at that count, and gives
#            the whole file back; cabextract calls the cabinet damaged.
# So:        a build that packs by gcab keeps each cabinet below 65,536 files and 2 GiB, counts the members that come out, and
#            tests the cabinet with another reader.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download gcab=1.5-1 libgcab-1.0-0=1.5-1 cabextract=1.9-3 libmspack0=0.11-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH="$work/debian/usr/lib/x86_64-linux-gnu" PATH="$work/debian/usr/bin:$PATH"

mkdir many && cd many
seq -f 'f%.0f' 1 65539 | xargs touch
for n in 1 2 3 65539; do echo "this is $n" >"f$n"; done
# One call for all names: xargs would say so if they did not fit.
seq -f 'f%.0f' 1 65539 | xargs -x -s 1500000 -n 65539 timeout 200 gcab -c ../many.cab
cd ..
# Nothing but zeros, without a place on the disk.
truncate -s $((2048 * 1024 * 1024 + 65536)) large.bin
timeout 500 gcab -c -z large.cab large.bin

cat >show.py <<'PY'
import struct, sys
data = open(sys.argv[1], 'rb').read(1 << 16)
folders, files = struct.unpack_from('<HH', data, 26)
_, blocks, _ = struct.unpack_from('<IHH', data, 36)
first = struct.unpack_from('<I', data, struct.unpack_from('<I', data, 16)[0])[0]
print(f'{folders} folder, {files} files, {blocks} blocks, the first file has {first} bytes')
PY
tested() { timeout 60 "$@" >/dev/null 2>&1 && echo sound || echo fails; }
mkdir out
{
    echo "65539 files: $(python3 show.py many.cab)"
    echo "gcab lists: $(gcab -t many.cab | tr '\n' ' ')"
    echo "cabextract -t: $(tested cabextract -t many.cab)"
    echo "the last file is in it: $(grep -c 'this is 65539' many.cab)"
    echo "2 GiB and more: $(python3 show.py large.cab)"
    echo "cabextract -t: $(tested cabextract -t large.cab)"
    echo "gcab -x: $(timeout 200 gcab -x -C out large.cab >/dev/null 2>&1; stat -c %s out/large.bin) bytes"
} | tee seen
cat >expected <<'TEXT'
65539 files: 1 folder, 3 files, 1 blocks, the first file has 10 bytes
gcab lists: f1 f2 f3 
cabextract -t: sound
the last file is in it: 1
2 GiB and more: 1 folder, 1 files, 2 blocks, the first file has 2147549184 bytes
cabextract -t: fails
gcab -x: 2147549184 bytes
TEXT
diff expected seen
