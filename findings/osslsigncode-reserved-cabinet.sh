#!/usr/bin/env bash
# osslsigncode cannot sign a cabinet that has room for a signature, as Microsoft's tools are told to leave it.
#
# Versions:  osslsigncode 2.9-1~bpo12+1, openssl 3.0, cabextract 1.9-3 (Debian 12).
# Guess:     room in the header (ReservePerCabinetSize of MakeCAB, -s of CABARC: 6144 bytes are the advice for signing) makes a
#            cabinet easier to sign. At worst the room is replaced by the 20 bytes that a signature needs there.
# Seen:      any room in the header, in the folders or in the blocks is taken for a signature that is there already. It is
#            not read, and the end is "unsupported input file type" and errors of ASN.1, whether the room is 8, 20 or 6144
#            bytes of zeros. A cabinet without room is signed, and so is one that has a next one; one that has a previous one
#            is refused, and told why. To remove the signature gives back the cabinet byte for byte.
# So:        a cabinet that is to be signed by osslsigncode is made without reserved bytes. "Unsupported type" of a sound cabinet
#            means that the flag 4 is set in its header.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(dpkg-query -W -f '${Version}' osslsigncode)" = '2.9-1~bpo12+1' ]
[ "$(dpkg-query -W -f '${Version}' cabextract)" = 1.9-3 ]
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=finding -days 2 2>/dev/null

cat >make.py <<'PY'
import struct

def build(head=0, folder=0, block=0, before='', after=''):
    body, name = b'the bytes of a member', b'a.txt\0'
    room = bool(head or folder or block)
    extra = struct.pack('<HBB', head, folder, block) + bytes(head) if room else b''
    for other in filter(None, (before, after)):
        extra += other.encode() + b'\0disk\0'
    first = 36 + len(extra) + 8 + folder
    start = first + 16 + len(name)
    # A checksum of 0 says that there is none.
    data = struct.pack('<IHH', 0, len(body), len(body)) + bytes(block) + body
    flags = 1 * bool(before) + 2 * bool(after) + 4 * room
    header = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, start + len(data), 0, first, 0, 3, 1, 1, 1, flags, 7, 1 * bool(before))
    entry = struct.pack('<IIHHHH', len(body), 0, 0, 0x5A21, 0, 0x20) + name
    return header + extra + struct.pack('<IHH', start, 1, 0) + bytes(folder) + entry + data

kinds = {
    'no room': {}, '8 in the header': {'head': 8}, '20 in the header': {'head': 20}, '6144 in the header': {'head': 6144},
    '4 in the folder': {'folder': 4}, '4 in the block': {'block': 4}, 'has a next': {'after': 'b.cab'}, 'has a previous': {'before': 'b.cab'},
}
for kind, options in kinds.items():
    open(kind + '.cab', 'wb').write(build(**options))
PY
python3 make.py

for kind in 'no room' '8 in the header' '20 in the header' '6144 in the header' '4 in the folder' '4 in the block' 'has a next' 'has a previous'; do
    cabextract -q -t "$kind.cab" >/dev/null 2>&1 && sound=sound || sound=damaged
    if timeout 60 osslsigncode sign -certs certificate.pem -key key.pem -in "$kind.cab" -out signed.cab >log 2>&1; then
        timeout 60 osslsigncode remove-signature -in signed.cab -out bare.cab >/dev/null 2>&1
        cmp -s "$kind.cab" bare.cab && result='signed, and the same without it' || result=signed
    elif grep -q 'Multivolume cabinet' log; then
        result='refused as one of a set'
    else
        result="refused: $(grep -o 'unsupported input file type' log)"
    fi
    rm -f signed.cab bare.cab
    echo "$kind ($sound): $result"
done | tee seen
cat >expected <<'TEXT'
no room (sound): signed, and the same without it
8 in the header (sound): refused: unsupported input file type
20 in the header (sound): refused: unsupported input file type
6144 in the header (sound): refused: unsupported input file type
4 in the folder (sound): refused: unsupported input file type
4 in the block (sound): refused: unsupported input file type
has a next (sound): signed, and the same without it
has a previous (sound): refused as one of a set
TEXT
diff expected seen
