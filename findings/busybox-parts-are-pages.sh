#!/usr/bin/env bash
# BusyBox's httpd calls a part of any file text/html, whatever it calls the whole of the same file.
#
# Versions:  busybox 1:1.35.0-4+deb12u1+b1 (Debian 12), curl 7.88.1.
# Guess:     the type goes by the name of the file, with application/octet-stream for names that nobody knows, and a part has
#            the type of the whole.
# Seen:      every 206 is text/html, of notes.txt as of stream.dat, be it ten bytes or all of them. The whole file has the type of
#            its name, or none where BusyBox does not know it, which goes for .dat, .cab and .zip. A type for .dat in its
#            configuration counts for the whole alone. Errors and redirects are text/html too, so that a part looks like one.
# So:        a client that tells a sign-in page from a file by text/html, as downloaders do behind hotel networks, must not do so
#            with 206: from a router or a small NAS it takes whole files, and refuses every resumed or parallel one.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download busybox=1:1.35.0-4+deb12u1+b1 >/dev/null 2>&1
dpkg -x busybox_*.deb debian

mkdir -p root/folder
for name in stream.dat v64.cab notes.txt files.zip page.html none; do head -c 100 /dev/zero >"root/$name"; done
echo '.dat:application/x-office-stream' >typed.conf
: >plain.conf

run() { # configuration
    local port
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    debian/bin/busybox httpd -f -p "127.0.0.1:$port" -h root -c "$work/$1" 2>/dev/null &
    server=$!
    for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/notes.txt" && break; sleep 0.1; done
    type_of() { curl -s --max-time 20 -o /dev/null -w '%{http_code} %{content_type}' "$@"; }
    for name in "${@:2}"; do
        local url="http://127.0.0.1:$port/$name"
        echo "$1, $name: whole [$(type_of "$url")] ten bytes [$(type_of -r 10-19 "$url")] all as a part [$(type_of -r 0-99 "$url")]"
    done
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

unset http_proxy
{
    run plain.conf stream.dat v64.cab none notes.txt files.zip page.html missing.dat folder
    run typed.conf stream.dat
} | tee seen
cat >expected <<'TEXT'
plain.conf, stream.dat: whole [200 ] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, v64.cab: whole [200 ] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, none: whole [200 ] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, notes.txt: whole [200 text/plain] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, files.zip: whole [200 ] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, page.html: whole [200 text/html] ten bytes [206 text/html] all as a part [206 text/html]
plain.conf, missing.dat: whole [404 text/html] ten bytes [404 text/html] all as a part [404 text/html]
plain.conf, folder: whole [302 text/html] ten bytes [302 text/html] all as a part [302 text/html]
typed.conf, stream.dat: whole [200 application/x-office-stream] ten bytes [206 text/html] all as a part [206 text/html]
TEXT
diff expected seen
