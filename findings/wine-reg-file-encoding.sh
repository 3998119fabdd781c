#!/usr/bin/env bash
# Wine takes the bytes in hex(2) and hex(7) of a .reg file for UTF-16 only if the file is UTF-16 itself, whatever its header says.
#
# Versions:  Wine 8.0~repack-4 (Debian 12).
# Guess:     the header says what the bytes are: UTF-16 in "Windows Registry Editor Version 5.00", the code page in REGEDIT4. How
#            the lines of the file are encoded does not matter, and plain ASCII will do, as it does for names and strings.
# Seen:      in a 5.00 file of ASCII every byte of hex(1), hex(2) and hex(7) becomes a character of its own, so that %A% has a
#            NUL behind each letter, of which a reader sees "%", and a list of a and b becomes one with empty members. The
#            import succeeds. The same lines in UTF-16 give %A% and the list, and so does REGEDIT4 with single bytes. hex(0)
#            and hex(b) are bytes in both. reg and regedit do the same. reg query shows "(null)" for a QWORD that is there.
# So:        a test that prepares a registry under Wine converts its .reg file first (iconv -t UTF-16 puts the mark in front),
#            or uses reg add. What a failed look-up of an expanded path shows may be the import.
set -euo pipefail
work=$(mktemp -d)
export WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=
trap 'wineserver -k 2>/dev/null || true; wineserver -w 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
[ "$(dpkg-query -W -f '${Version}' wine64)" = 8.0~repack-4 ] || { echo 'This finding is about wine64 8.0~repack-4.' >&2; exit 1; }
# The wineserver of this prefix, wherever Debian has put it.
PATH="$PATH:$(dirname "$(dpkg -L wine64 | grep '/wineserver' | head -n 1)")"
timeout 150 wine wineboot -i >/dev/null 2>&1

body() { # header and the key's name
  printf '%s\r\n\r\n[HKEY_CURRENT_USER\\Software\\Finding\\%s]\r\n' "$1" "$2"
}
values=$'"quoted"="%A%"\r\n"expanded"=hex(2):25,00,41,00,25,00,00,00\r\n"list"=hex(7):61,00,00,00,62,00,00,00,00,00\r\n'
values+=$'"text"=hex(1):61,00,62,00,00,00\r\n"bytes"=hex(0):61,00\r\n"large"=hex(b):05,00,00,00,00,00,00,00\r\n'
narrow=$'"expanded"=hex(2):25,41,25,00\r\n"list"=hex(7):61,00,62,00,00\r\n'
new='Windows Registry Editor Version 5.00'
{ body "$new" ascii; printf '%s' "$values"; } >ascii.reg
{ body "$new" wide; printf '%s' "$values"; } | iconv -f ASCII -t UTF-16 >wide.reg
{ body REGEDIT4 four; printf '%s' "$narrow"; } >four.reg
{ body "$new" regedit; printf '%s' "$values"; } >regedit.reg
for name in ascii wide four; do wine reg import "$name.reg" >/dev/null 2>&1; done
wine regedit /S regedit.reg >/dev/null 2>&1
{
  for name in ascii regedit wide four; do
    wine reg export "HKCU\\Software\\Finding\\$name" "out-$name.reg" /y >/dev/null 2>&1
    iconv -f UTF-16 -t ASCII "out-$name.reg" | tr -d '\r' | sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' | sed -n "s/^\"/$name: \"/p" | LC_ALL=C sort
  done
  wine reg query 'HKCU\Software\Finding\wide' /v large 2>/dev/null | tr -d '\r' | awk '/large/ { print "query:", $2, $3 }'
} | tee seen
cat >expected <<'TEXT'
ascii: "bytes"=hex(0):61,00
ascii: "expanded"=hex(2):25,00,00,00,41,00,00,00,25,00,00,00,00,00,00,00
ascii: "large"=hex(b):05,00,00,00,00,00,00,00
ascii: "list"=hex(7):61,00,00,00,00,00,00,00,62,00,00,00,00,00,00,00,00,00,00,00
ascii: "quoted"="%A%"
ascii: "text"="a"
regedit: "bytes"=hex(0):61,00
regedit: "expanded"=hex(2):25,00,00,00,41,00,00,00,25,00,00,00,00,00,00,00
regedit: "large"=hex(b):05,00,00,00,00,00,00,00
regedit: "list"=hex(7):61,00,00,00,00,00,00,00,62,00,00,00,00,00,00,00,00,00,00,00
regedit: "quoted"="%A%"
regedit: "text"="a"
wide: "bytes"=hex(0):61,00
wide: "expanded"=hex(2):25,00,41,00,25,00,00,00
wide: "large"=hex(b):05,00,00,00,00,00,00,00
wide: "list"=hex(7):61,00,00,00,62,00,00,00,00,00
wide: "quoted"="%A%"
wide: "text"="ab"
four: "expanded"=hex(2):25,00,41,00,25,00,00,00
four: "list"=hex(7):61,00,00,00,62,00,00,00,00,00
query: REG_QWORD (null)
TEXT
diff expected seen
