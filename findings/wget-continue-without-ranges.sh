#!/usr/bin/env bash
# wget -c keeps the local bytes where the server sends the whole file: it downloads all of it, and drops the beginning.
#
# Versions:  wget 1.21.3-1+deb12u1, curl 7.88.1-10+deb12u14 (Debian 12).
# Guess:     wget's manual says of a server without ranges that the download begins from scratch and overwrites the file. So the
#            result is the server's file, whatever lay there before, as it costs a whole download anyway.
# Seen:      every byte comes over the wire, but those that the local file already has are thrown away unread, and the rest is
#            appended. If the local part is of an older version, the result is half the one and half the other, with exit
#            code 0. With a local file of the full length nothing is written at all, though a whole new one was sent. curl -C -
#            refuses with exit code 33, and leaves the file as it was; of the full length it too says 0.
# So:        -c is for a file that cannot have changed. A script that updates deletes the part first, or compares a hash after:
#            that the server has no ranges does not protect it.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
for pinned in curl=7.88.1-10+deb12u14 wget=1.21.3-1+deb12u1; do
    [ "$(dpkg-query -W -f '${Version}' "${pinned%%=*}")" = "${pinned#*=}" ]
done

cat >server.py <<'PY'
import http.server, os


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '300000')
        self.end_headers()
        sent = 0
        try:
            while sent < 300000:
                sent += self.wfile.write(b'n' * 10000)
        except OSError:
            pass
        open('sent', 'w').write(str(sent))


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
open('port.new', 'w').write(str(server.server_port))
os.rename('port.new', 'port')
server.serve_forever()
PY
timeout 120 /usr/bin/python3 server.py 2>/dev/null &
server=$!
for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
url=http://127.0.0.1:$(cat port)/file

try() {
    local code=0
    head -c "$2" /dev/zero | tr '\0' o >file
    rm -f sent
    case $1 in
        wget) timeout 30 wget --no-config -q -c "$url" || code=$? ;;
        curl) timeout 30 curl -q -s -C - -O "$url" || code=$? ;;
    esac
    echo "$1 with $2 old bytes: exit $code, $(tr -dc o <file | wc -c) old and $(tr -dc n <file | wc -c) new"
}
{
    try wget 100000
    for _ in $(seq 50); do [ -s sent ] && break; sleep 0.1; done
    echo "the server had sent $(cat sent)"
    try wget 300000
    try curl 100000
    try curl 300000
} | tee seen
cat >expected <<'TEXT'
wget with 100000 old bytes: exit 0, 100000 old and 200000 new
the server had sent 300000
wget with 300000 old bytes: exit 0, 300000 old and 0 new
curl with 100000 old bytes: exit 33, 100000 old and 0 new
curl with 300000 old bytes: exit 0, 300000 old and 0 new
TEXT
diff expected seen
