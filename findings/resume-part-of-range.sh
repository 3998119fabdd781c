#!/usr/bin/env bash
# Of a server that answers a long range with the first part of it, curl and wget call the torn file a success.
#
# Versions:  curl 7.88.1-10+deb12u14, wget 1.21.3-1+deb12u1, aria2 1.36.0-1 (Debian 12).
# Guess:     a 206 says in Content-Range which bytes it brings and how many there are, and a server may send less than was
#            asked for. So a tool that resumes asks again for the rest, or at least fails, as it does when a connection ends
#            early.
# Seen:      curl -C - and wget -c take the length of the answer for all there is to come. The file ends where the server
#            stopped, 165,536 of 262,144 bytes, and the exit code is 0, in curl also with --fail. A second run takes the next
#            part, and so on; when the file is whole, curl's next run fails with 22, wget's does not. aria2 refuses the short
#            answer with exit code 8, and keeps what it had.
# So:        who resumes a download compares the length with that of Content-Range, or a hash, before the file is used; a loop
#            that runs the tool until it succeeds ends too early. A server in front of such tools sends whole ranges.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
for pinned in curl=7.88.1-10+deb12u14 wget=1.21.3-1+deb12u1 aria2=1.36.0-1; do
    [ "$(dpkg-query -W -f '${Version}' "${pinned%%=*}")" = "${pinned#*=}" ]
done

cat >server.py <<'PY'
import http.server

BODY = b''.join(n.to_bytes(4, 'big') for n in range(65536))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked, status, body, where = self.headers.get('Range'), 200, BODY, ''
        if asked:
            first, _, last = asked.removeprefix('bytes=').partition('-')
            first, last = int(first), int(last or len(BODY) - 1)
            if self.path == '/parts':
                last = min(last, first + 65535)
            if first < len(BODY):
                status, body, where = 206, BODY[first : last + 1], f'{first}-{last}'
            else:
                status, body, where = 416, b'', '*'
        self.send_response(status)
        if where:
            self.send_header('Content-Range', f'bytes {where}/{len(BODY)}')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


open('whole', 'wb').write(BODY)
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
open('port.new', 'w').write(str(server.server_port))
__import__('os').rename('port.new', 'port')
server.serve_forever()
PY
timeout 120 /usr/bin/python3 server.py &
server=$!
for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
url=http://127.0.0.1:$(cat port)

resume() {
    case $1 in
        curl) timeout 30 curl -q -s --fail -C - -o "$2" "$url/$3" ;;
        wget) timeout 30 wget --no-config -q -c -O "$2" "$url/$3" ;;
        aria2) timeout 30 aria2c --no-conf -q -c -o "$2" "$url/$3" >/dev/null ;;
    esac
}
try() {
    local code=0
    resume "$1" file "$2" || code=$?
    echo "$1 $2: exit $code, $(stat -c %s file) bytes$(cmp -s file whole && echo ', whole' || true)"
}
for tool in curl wget aria2; do
    for way in all parts; do
        rm -f file file.*
        head -c 100000 whole >file
        try "$tool" "$way"
    done
done | tee seen
for tool in curl wget; do
    rm -f file
    head -c 100000 whole >file
    for _ in 1 2 3 4; do try "$tool" parts; done
done | tee -a seen
cat >expected <<'TEXT'
curl all: exit 0, 262144 bytes, whole
curl parts: exit 0, 165536 bytes
wget all: exit 0, 262144 bytes, whole
wget parts: exit 0, 165536 bytes
aria2 all: exit 0, 262144 bytes, whole
aria2 parts: exit 8, 100000 bytes
curl parts: exit 0, 165536 bytes
curl parts: exit 0, 231072 bytes
curl parts: exit 0, 262144 bytes, whole
curl parts: exit 22, 262144 bytes, whole
wget parts: exit 0, 165536 bytes
wget parts: exit 0, 231072 bytes
wget parts: exit 0, 262144 bytes, whole
wget parts: exit 0, 262144 bytes, whole
TEXT
diff expected seen
