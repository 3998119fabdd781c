#!/usr/bin/env bash
# Where squid fetches whole files for ranges, as advised for updates, the holder of the old file gets a part of the new one.
#
# Versions:  squid-openssl 5.7-2+deb12u6 (Debian 12).
# Guess:     with range_offset_limit none squid asks the server for the whole file and sends the client its part: only where
#            it comes from differs. If-Range with an old ETag gets the whole new file (200), and a range behind the end 416.
# Seen:      of a file that is not in the cache, the request goes to the server without Range and without If-Range, and the
#            client gets 206 with bytes of the new file, whatever If-Range said. The same with a limit of 50 KB, for a range
#            that begins below it. By default the server decides, and says 200. From the cache If-Range is heeded. Only the
#            ETag of the 206 tells that it is another file. A range behind the end of a cached file, or of one fetched
#            whole, gets 200 and all of it.
# So:        a client that resumes compares the ETag, or the date, of each 206 with that of its first part, though it sent
#            If-Range; without that it joins halves of two versions. One that asks whether there is more takes 200 for no.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Squid gives up being root.
chmod 777 "$work"
cd "$work"
[ "$(dpkg-query -W -f '${Version}' squid-openssl)" = '5.7-2+deb12u6' ]

cat >try.py <<'PY'
import http.client, http.server, os, socket, subprocess, threading, time

BODY = bytes(n % 251 for n in range(100000))
ETAG = '"new"'
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        wanted = self.headers.get('Range')
        asked.append('with Range' if wanted else 'without Range')
        status, body, where = 200, BODY, None
        if wanted and self.headers.get('If-Range', ETAG) == ETAG:
            first, last = wanted.removeprefix('bytes=').split('-')
            status, body, where = 206, BODY[int(first) : int(last) + 1], f'{first}-{last}'
            if not body:
                status, where = 416, '*'
        self.send_response(status)
        if where:
            self.send_header('Content-Range', f'bytes {where}/{len(BODY)}')
        for name, value in {'ETag': ETAG, 'Cache-Control': 'max-age=3600', 'Content-Length': len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def get(port, path, **headers):
    asked.clear()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    headers = {name.replace('_', '-'): value for name, value in headers.items()}
    connection.request('GET', f'http://127.0.0.1:{server.server_port}{path}', headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status == 206:
        assert body == BODY[1000:2000] and answer.headers['Content-Range'] == 'bytes 1000-1999/100000'
    return f"{answer.status}, ETag {answer.headers['ETag']}, {len(body)} bytes, server asked {' '.join(asked) or 'nothing'}"


def run(limit):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    here = os.getcwd()
    lines = [f'http_port 127.0.0.1:{port}', f'pid_filename {here}/pid', f'cache_log {here}/log', f'coredump_dir {here}']
    lines += ['access_log none', 'cache_mem 16 MB', 'http_access allow all', 'shutdown_lifetime 0 seconds', 'pinger_enable off']
    lines += [f'range_offset_limit {limit}'] if limit else []
    open('squid.conf', 'w').write('\n'.join(lines) + '\n')
    squid = subprocess.Popen(['/usr/sbin/squid', '-N', '-f', 'squid.conf'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        part = {'Range': 'bytes=1000-1999'}
        print(f'range_offset_limit {limit or "by default"}')
        print('  not cached, If-Range new:', get(port, '/one', **part, If_Range='"new"'))
        print('  not cached, If-Range old:', get(port, '/two', **part, If_Range='"old"'))
        print('  not cached, behind the end:', get(port, '/three', Range='bytes=100000-100009'))
        get(port, '/four')
        print('  cached, If-Range new:', get(port, '/four', **part, If_Range='"new"'))
        print('  cached, If-Range old:', get(port, '/four', **part, If_Range='"old"'))
        print('  cached, behind the end:', get(port, '/four', Range='bytes=100000-100009'), flush=True)
    finally:
        squid.terminate()
        squid.wait(30)


for limit in (None, '50 KB', 'none'):
    run(limit)
PY
unset http_proxy HTTP_PROXY
timeout 150 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
range_offset_limit by default
  not cached, If-Range new: 206, ETag "new", 1000 bytes, server asked with Range
  not cached, If-Range old: 200, ETag "new", 100000 bytes, server asked with Range
  not cached, behind the end: 416, ETag "new", 0 bytes, server asked with Range
  cached, If-Range new: 206, ETag "new", 1000 bytes, server asked nothing
  cached, If-Range old: 200, ETag "new", 100000 bytes, server asked nothing
  cached, behind the end: 200, ETag "new", 100000 bytes, server asked nothing
range_offset_limit 50 KB
  not cached, If-Range new: 206, ETag "new", 1000 bytes, server asked without Range
  not cached, If-Range old: 206, ETag "new", 1000 bytes, server asked without Range
  not cached, behind the end: 416, ETag "new", 0 bytes, server asked with Range
  cached, If-Range new: 206, ETag "new", 1000 bytes, server asked nothing
  cached, If-Range old: 200, ETag "new", 100000 bytes, server asked nothing
  cached, behind the end: 200, ETag "new", 100000 bytes, server asked nothing
range_offset_limit none
  not cached, If-Range new: 206, ETag "new", 1000 bytes, server asked without Range
  not cached, If-Range old: 206, ETag "new", 1000 bytes, server asked without Range
  not cached, behind the end: 200, ETag "new", 100000 bytes, server asked without Range
  cached, If-Range new: 206, ETag "new", 1000 bytes, server asked nothing
  cached, If-Range old: 200, ETag "new", 100000 bytes, server asked nothing
  cached, behind the end: 200, ETag "new", 100000 bytes, server asked nothing
TEXT
diff expected seen
