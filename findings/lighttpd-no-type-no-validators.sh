#!/usr/bin/env bash
# A file whose type lighttpd does not know has neither an ETag nor a date, but ranges: it can be resumed, and nobody sees it change.
#
# Versions:  lighttpd 1.4.69-1 (Debian 12), curl 7.88.1.
# Guess:     ETag and Last-Modified come from the file: its size, its inode, its time. What its name ends in decides only about
#            Content-Type, and who assigns no types gets application/octet-stream and loses nothing.
# Seen:      with a type for .cab alone, stream.cab has ETag and Last-Modified, and stream.dat beside it, with the same bytes and
#            the same time, has none of the two; both have Accept-Ranges. If-None-Match, If-Modified-Since and If-Range have
#            nothing to be compared with: of stream.dat they give all of it each time (200), but for If-Range, which no value
#            passes. A plain range is 206 with bytes of whatever lies there by then. A type for "", even the very one that is
#            sent without it, brings both back.
# So:        Debian's configuration assigns such a type; one written by hand, or for a container, often does not. A client that
#            wants to resume there has no way to tell two versions apart and must load the file again, or compare a hash. Ask
#            a mirror of updates for one file of each type with curl -I, and look for ETag.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download lighttpd=1.4.69-1 libnettle8=3.8.1-2 libxxhash0=0.8.1-1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH="$work/debian/usr/lib/x86_64-linux-gnu"

mkdir root
head -c 100000 /dev/zero >root/stream.cab
cp root/stream.cab root/stream.dat
touch -d '2026-11-01 00:00 UTC' root/*

ask() { # file, what, more arguments of curl
    : >body
    curl -s --max-time 20 -D head -o body "${@:3}" "http://127.0.0.1:$port/$1"
    local said
    said=$(grep -ioE '^(etag|last-modified|accept-ranges):' head | tr -d ':' | tr 'A-Z' 'a-z' | sort | paste -sd ' ')
    echo "$1, $2: $(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' head), $(stat -c %s body) bytes, ${said:-nothing}"
}

run() { # what, the types
    echo "$1"
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >lighttpd.conf <<CONF
server.document-root = "$work/root"
server.modules = ()
server.bind = "127.0.0.1"
server.port = $port
mimetype.assign = ( $2 )
CONF
    debian/usr/sbin/lighttpd -D -f lighttpd.conf 2>log &
    server=$!
    for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.1; done
    for file in stream.cab stream.dat; do
        ask "$file" whole
        etag=$(sed -n 's/^[Ee][Tt]ag: *\(.*\)\r$/\1/p' head)
        ask "$file" part --range 10-19
        ask "$file" if-none-match -H "If-None-Match: ${etag:-\"x\"}"
        ask "$file" if-modified-since -H 'If-Modified-Since: Sun, 01 Nov 2026 00:00:00 GMT'
        ask "$file" if-range --range 10-19 -H "If-Range: ${etag:-\"x\"}"
        ask "$file" if-range-date --range 10-19 -H 'If-Range: Sun, 01 Nov 2026 00:00:00 GMT'
    done
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

unset http_proxy
{
    run 'a type for .cab' '".cab" => "application/vnd.ms-cab-compressed"'
    run 'and one for the rest' '".cab" => "application/vnd.ms-cab-compressed", "" => "application/octet-stream"'
} | tee seen
cat >expected <<'TEXT'
a type for .cab
stream.cab, whole: 200, 100000 bytes, accept-ranges etag last-modified
stream.cab, part: 206, 10 bytes, accept-ranges etag last-modified
stream.cab, if-none-match: 304, 0 bytes, etag last-modified
stream.cab, if-modified-since: 304, 0 bytes, etag last-modified
stream.cab, if-range: 206, 10 bytes, accept-ranges etag last-modified
stream.cab, if-range-date: 206, 10 bytes, accept-ranges etag last-modified
stream.dat, whole: 200, 100000 bytes, accept-ranges
stream.dat, part: 206, 10 bytes, accept-ranges
stream.dat, if-none-match: 200, 100000 bytes, accept-ranges
stream.dat, if-modified-since: 200, 100000 bytes, accept-ranges
stream.dat, if-range: 200, 100000 bytes, accept-ranges
stream.dat, if-range-date: 200, 100000 bytes, accept-ranges
and one for the rest
stream.cab, whole: 200, 100000 bytes, accept-ranges etag last-modified
stream.cab, part: 206, 10 bytes, accept-ranges etag last-modified
stream.cab, if-none-match: 304, 0 bytes, etag last-modified
stream.cab, if-modified-since: 304, 0 bytes, etag last-modified
stream.cab, if-range: 206, 10 bytes, accept-ranges etag last-modified
stream.cab, if-range-date: 206, 10 bytes, accept-ranges etag last-modified
stream.dat, whole: 200, 100000 bytes, accept-ranges etag last-modified
stream.dat, part: 206, 10 bytes, accept-ranges etag last-modified
stream.dat, if-none-match: 304, 0 bytes, etag last-modified
stream.dat, if-modified-since: 304, 0 bytes, etag last-modified
stream.dat, if-range: 206, 10 bytes, accept-ranges etag last-modified
stream.dat, if-range-date: 206, 10 bytes, accept-ranges etag last-modified
TEXT
diff expected seen
