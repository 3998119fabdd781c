#!/usr/bin/env bash
# The NTLM challenge of squid's fake helper contradicts itself: a client that reads its target name finds it out of bounds.
#
# Versions:  squid-openssl 5.7-2 (Debian 12), its helper ntlm_fake_auth.
# Guess:     the helper lets everybody in, but its challenge is a sound one: flags that it chose, and a target name in the
#            character set that these flags say. The user comes back as the client wrote it.
# Seen:      the flags are the client's own, sent back: Unicode and OEM at once, the version, extended session security and
#            target information are "agreed", but the name is in ASCII, and there is neither a version nor target information.
#            The offset of the name lies far behind the end of the message; the name itself stands at its end. The user comes
#            back in small letters; of a client that answers with both character sets set, as the challenge has them, the
#            helper takes the UTF-16 for ASCII, and only the first letters come back.
# So:        a test against it shows how the messages travel, not that a client reads challenges: take those from a real one,
#            and have the client take only the eight bytes of the nonce from this.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download squid-openssl >/dev/null 2>&1
dpkg -x squid-openssl_*.deb debian
dpkg-deb -f squid-openssl_*.deb Version | grep -q '^5\.7-2'

cat >try.py <<'PY'
import base64, struct, subprocess

UNICODE, OEM, EXTENDED, TARGET_INFO, VERSION = 0x1, 0x2, 0x80000, 0x800000, 0x2000000
asked = UNICODE | OEM | 0x4 | 0x200 | 0x8000 | EXTENDED | TARGET_INFO | VERSION
negotiate = b'NTLMSSP\0' + struct.pack('<II', 1, asked) + bytes(16)


def authenticate(flags, *fields):
    head, at, payload = b'NTLMSSP\0' + struct.pack('<I', 3), 64, b''
    for field in fields:
        head += struct.pack('<HHI', len(field), len(field), at + len(payload))
        payload += field
    return head + struct.pack('<I', flags) + payload


wide = [text.encode('utf-16-le') for text in ('CORP', 'SomeBody', 'PC1')]
last = [authenticate(flags, bytes(24), bytes(24), *wide, b'') for flags in (asked & ~OEM, asked)]
messages = (b'YR', negotiate), (b'KK', last[0]), (b'YR', negotiate), (b'KK', last[1])
lines = b''.join(kind + b' ' + base64.b64encode(message) + b'\n' for kind, message in messages)
helper = 'debian/usr/lib/squid/ntlm_fake_auth'
first, second, _, fourth = subprocess.run([helper], input=lines, capture_output=True, timeout=20).stdout.splitlines()[:4]
kind, text = first.split()
challenge = base64.b64decode(text)
length, _, offset, flags = struct.unpack_from('<HHII', challenge, 12)
seen = {
    'kind': (kind, challenge[:12]),
    'flags that were asked for': flags & asked == asked,
    'offset is within': offset + length <= len(challenge),
    'target name': challenge[-length:],
    'room for target information or a version': len(challenge) - 48 - length >= 8,
    'answer, Unicode': second,
    'answer, both character sets': fourth,
}
for name, value in seen.items():
    print(f'{name}: {value}')
start = (b'TT', b'NTLMSSP\0\2\0\0\0')
assert list(seen.values()) == [start, True, False, b'WORKGROUP', False, b'AF CORP\\somebody', b'AF C\\s']
PY
timeout 60 /usr/bin/python3 try.py
