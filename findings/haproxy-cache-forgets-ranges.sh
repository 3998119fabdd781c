#!/usr/bin/env bash
# Once HAProxy's cache has a file, every client that asks for a part of it gets all of it, until the copy has expired.
#
# Versions:  haproxy 2.6.12-1+deb12u4 (Debian 12), with liblua 5.3.6-2 and libopentracing 1.6.0-4.
# Guess:     HAProxy's cache keeps no parts. A request with Range therefore goes to the server, as it does before anything is
#            cached, and the client gets its 206 either way.
# Seen:      before the first whole download each range is 206, from the server. After it the same request is 200 with the
#            whole file, and the server hears of none of them. If-Range changes nothing, be its ETag right or old, nor does a
#            range behind the end, which had been 416. The answer still says Accept-Ranges: bytes, for that is what the
#            server had said. Once the copy has expired, ranges are 206 again, until the next client takes the whole.
# So:        one plain download on a site turns all resumed and parallel ones into whole ones, and a client that takes ranges
#            for granted, as BITS does, fails now and works an hour later. Let the cache store only what is small, or go past it
#            where there is a Range: http-request cache-use NAME unless { req.hdr(range) -m found }. The last two lines show it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 \
    libopentracing-c-wrapper0=1.1.3-3+b1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH="$work/debian/usr/lib/x86_64-linux-gnu"

cat >try.py <<'PY'
import http.client, http.server, re, socket, subprocess, threading, time

BODY = bytes(n % 251 for n in range(100000))
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked.append(self.path)
        wanted = re.fullmatch(r'bytes=(\d+)-(\d+)', self.headers.get('Range', ''))
        if self.headers.get('If-Range', '"now"') != '"now"':
            wanted = None
        status, body, where = 200, BODY, None
        if wanted:
            first, last = int(wanted[1]), int(wanted[2])
            status, body, where = 206, BODY[first : last + 1], f'{first}-{last}'
            if not body:
                status, where = 416, '*'
        self.send_response(status)
        if where:
            self.send_header('Content-Range', f'bytes {where}/{len(BODY)}')
        headers = {'ETag': '"now"', 'Cache-Control': 'max-age=4', 'Accept-Ranges': 'bytes', 'Content-Length': len(body)}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()


def get(port, path='/stream.dat', **headers):
    asked.clear()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    connection.request('GET', path, headers={name.replace('_', '-'): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    ranges = answer.headers['Accept-Ranges'] or 'nothing'
    return f"{answer.status}, {len(body)} bytes, Accept-Ranges {ranges}, {'server' if asked else 'cache'}"


def run(unless, body):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    open('haproxy.cfg', 'w').write(f'''
global
  maxconn 50
cache files
  total-max-size 16
  max-object-size 1000000
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend site
  bind 127.0.0.1:{port}
  http-request cache-use files{unless}
  http-response cache-store files
  default_backend origin
backend origin
  server one 127.0.0.1:{server.server_port}
''')
    haproxy = subprocess.Popen(['debian/usr/sbin/haproxy', '-db', '-f', 'haproxy.cfg'], stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        body(port)
    finally:
        haproxy.terminate()
        haproxy.wait(30)


PART = {'Range': 'bytes=1000-1999'}


def plain(port):
    print('a part, nothing cached:', get(port, **PART))
    print('a part again:', get(port, **PART))
    print('behind the end, nothing cached:', get(port, Range='bytes=100000-100009'))
    print('the whole:', get(port))
    print('a part, the whole cached:', get(port, **PART))
    print('a part, If-Range right:', get(port, **PART, If_Range='"now"'))
    print('a part, If-Range old:', get(port, **PART, If_Range='"old"'))
    print('behind the end, the whole cached:', get(port, Range='bytes=100000-100009'))
    time.sleep(5)
    print('a part, expired:', get(port, **PART))


def around(port):
    get(port)
    print('past the cache, a part:', get(port, **PART))
    print('past the cache, the whole:', get(port), flush=True)


run('', plain)
run(' unless { req.hdr(range) -m found }', around)
PY
unset http_proxy HTTP_PROXY
timeout 120 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
a part, nothing cached: 206, 1000 bytes, Accept-Ranges bytes, server
a part again: 206, 1000 bytes, Accept-Ranges bytes, server
behind the end, nothing cached: 416, 0 bytes, Accept-Ranges bytes, server
the whole: 200, 100000 bytes, Accept-Ranges bytes, server
a part, the whole cached: 200, 100000 bytes, Accept-Ranges bytes, cache
a part, If-Range right: 200, 100000 bytes, Accept-Ranges bytes, cache
a part, If-Range old: 200, 100000 bytes, Accept-Ranges bytes, cache
behind the end, the whole cached: 200, 100000 bytes, Accept-Ranges bytes, cache
a part, expired: 206, 1000 bytes, Accept-Ranges bytes, server
past the cache, a part: 206, 1000 bytes, Accept-Ranges bytes, server
past the cache, the whole: 200, 100000 bytes, Accept-Ranges bytes, cache
TEXT
diff expected seen
