#!/usr/bin/env bash
# An nginx that caches answers a range with the whole file where the file may not be stored, and asks for the whole each time.
#
# Versions:  nginx 1.22.1-9+deb12u11 (Debian 12).
# Guess:     with proxy_cache a range costs one whole download, for the cache, and is a part for the client, then and later. For
#            a file that may not be stored nginx is a plain proxy, and passes the range on. So does proxy_cache_bypass.
# Seen:      nginx takes Range and If-Range out of the request before it knows the answer. If that is no-store, of max-age=0
#            or has a cookie, the client gets 200 and all of it, for each range anew, though it says Accept-Ranges: bytes.
#            Without any Cache-Control, and with proxy_cache_bypass and proxy_no_cache, the client gets its part, but nothing
#            is stored, and each part costs a whole file behind nginx. proxy_force_ranges makes a part of every answer, at the
#            same cost. With proxy_cache_min_uses 2 the first range is passed on, and the second is not. Only the slice module,
#            or no proxy_cache, asks for parts.
# So:        a mirror for clients that fetch parts (BITS, a resumed download) caches by slices, or sets proxy_cache_valid and
#            proxy_ignore_headers; its test has an origin that forbids to store. A client takes the 200 for what it is: it
#            checks the status of each part, and stops the rest.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download nginx=1.22.1-9+deb12u11 >/dev/null 2>&1
dpkg -x ./*.deb debian

cat >try.py <<'PY'
import http.client, http.server, os, socket, subprocess, threading, time

BODY = bytes(1_000_000)
asked, answer = [], {}


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        part = self.headers['Range']
        asked.append('a part' if part else 'the whole')
        first, last = (int(n) for n in part.removeprefix('bytes=').split('-')) if part else (0, len(BODY) - 1)
        body = BODY[first : last + 1]
        self.send_response(206 if part else 200)
        if part:
            self.send_header('Content-Range', f'bytes {first}-{first + len(body) - 1}/{len(BODY)}')
        fixed = {'ETag': '"v1"', 'Accept-Ranges': 'bytes', 'Content-Length': len(body)}
        for name, value in {**fixed, **answer}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    # nginx drops the connection of a download that nobody needs any more.
    def handle_error(self, *arguments):
        pass


origin = Quiet(('127.0.0.1', 0), Origin)
threading.Thread(target=origin.serve_forever, daemon=True).start()
with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]

slices = 'proxy_cache z; slice 100k; proxy_set_header Range $slice_range; proxy_cache_key $uri$slice_range; proxy_cache_valid 206 1h;'
kinds = {
    'no cache': '',
    'cache': 'proxy_cache z;',
    'cache, valid': 'proxy_cache z; proxy_cache_valid 200 1h;',
    'cache, force ranges': 'proxy_cache z; proxy_force_ranges on;',
    'cache, bypass': 'proxy_cache z; proxy_no_cache 1; proxy_cache_bypass 1;',
    'cache, min uses 2': 'proxy_cache z; proxy_cache_min_uses 2;',
    'cache, ignore': 'proxy_cache z; proxy_cache_valid 200 1h; proxy_ignore_headers Cache-Control Set-Cookie;',
    'slices': slices,
}
work = os.getcwd()
locations = '\n'.join(
    f'location /{number}/ {{ proxy_pass http://127.0.0.1:{origin.server_port}; {lines} }}' for number, lines in enumerate(kinds.values())
)
paths = ' '.join(f'{name}_temp_path {work}/{name};' for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
with open('nginx.conf', 'w') as file:
    file.write(f'''
        daemon off; user root; worker_processes 1; pid {work}/pid; error_log {work}/log;
        events {{ }}
        http {{
            access_log off; {paths} proxy_cache_path {work}/cache keys_zone=z:1m;
            server {{ listen 127.0.0.1:{port}; {locations} }}
        }}''')


def part_of(path):
    asked.clear()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    connection.request('GET', path, headers={'Range': 'bytes=10-19', 'If-Range': '"v1"'})
    response = connection.getresponse()
    return f'{response.status} {len(response.read())} ({asked[0] if asked else "nothing"})'


answers = {
    'max-age=1000': {'Cache-Control': 'max-age=1000'},
    'no Cache-Control': {},
    'no-store': {'Cache-Control': 'no-store'},
    'max-age=0': {'Cache-Control': 'max-age=0'},
    'a cookie': {'Cache-Control': 'max-age=1000', 'Set-Cookie': 'a=b'},
}
server = subprocess.Popen(['debian/usr/sbin/nginx', '-p', work, '-c', f'{work}/nginx.conf', '-e', f'{work}/log'])
try:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    for number, kind in enumerate(kinds):
        for file, (name, headers) in enumerate(answers.items()):
            answer.clear()
            answer.update(headers)
            # What nginx stores it stores behind the answer, so that a request or two may come too early.
            first, tries = part_of(f'/{number}/{file}'), 10
            while tries and '(nothing)' not in (later := part_of(f'/{number}/{file}')):
                tries -= 1
                time.sleep(0.1)
            print(f'{kind}, {name}: {first}, later {later}')
finally:
    server.terminate()
    server.wait(20)
PY
timeout 100 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
no cache, max-age=1000: 206 10 (a part), later 206 10 (a part)
no cache, no Cache-Control: 206 10 (a part), later 206 10 (a part)
no cache, no-store: 206 10 (a part), later 206 10 (a part)
no cache, max-age=0: 206 10 (a part), later 206 10 (a part)
no cache, a cookie: 206 10 (a part), later 206 10 (a part)
cache, max-age=1000: 206 10 (the whole), later 206 10 (nothing)
cache, no Cache-Control: 206 10 (the whole), later 206 10 (the whole)
cache, no-store: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, max-age=0: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, a cookie: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, valid, max-age=1000: 206 10 (the whole), later 206 10 (nothing)
cache, valid, no Cache-Control: 206 10 (the whole), later 206 10 (nothing)
cache, valid, no-store: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, valid, max-age=0: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, valid, a cookie: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, force ranges, max-age=1000: 206 10 (the whole), later 206 10 (nothing)
cache, force ranges, no Cache-Control: 206 10 (the whole), later 206 10 (the whole)
cache, force ranges, no-store: 206 10 (the whole), later 206 10 (the whole)
cache, force ranges, max-age=0: 206 10 (the whole), later 206 10 (the whole)
cache, force ranges, a cookie: 206 10 (the whole), later 206 10 (the whole)
cache, bypass, max-age=1000: 206 10 (the whole), later 206 10 (the whole)
cache, bypass, no Cache-Control: 206 10 (the whole), later 206 10 (the whole)
cache, bypass, no-store: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, bypass, max-age=0: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, bypass, a cookie: 200 1000000 (the whole), later 200 1000000 (the whole)
cache, min uses 2, max-age=1000: 206 10 (a part), later 206 10 (nothing)
cache, min uses 2, no Cache-Control: 206 10 (a part), later 206 10 (the whole)
cache, min uses 2, no-store: 206 10 (a part), later 200 1000000 (the whole)
cache, min uses 2, max-age=0: 206 10 (a part), later 200 1000000 (the whole)
cache, min uses 2, a cookie: 206 10 (a part), later 200 1000000 (the whole)
cache, ignore, max-age=1000: 206 10 (the whole), later 206 10 (nothing)
cache, ignore, no Cache-Control: 206 10 (the whole), later 206 10 (nothing)
cache, ignore, no-store: 206 10 (the whole), later 206 10 (nothing)
cache, ignore, max-age=0: 206 10 (the whole), later 206 10 (nothing)
cache, ignore, a cookie: 206 10 (the whole), later 206 10 (nothing)
slices, max-age=1000: 206 10 (a part), later 206 10 (nothing)
slices, no Cache-Control: 206 10 (a part), later 206 10 (nothing)
slices, no-store: 206 10 (a part), later 206 10 (a part)
slices, max-age=0: 206 10 (a part), later 206 10 (a part)
slices, a cookie: 206 10 (a part), later 206 10 (a part)
TEXT
diff expected seen
