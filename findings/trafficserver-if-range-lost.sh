#!/usr/bin/env bash
# Apache Traffic Server heeds If-Range from its cache, but not when the file has just changed, nor with ranges in the cache.
#
# Versions:  trafficserver 9.2.5+ds-0+deb12u4 (Debian 12; it calls itself 9.2.9), with libhwloc15, libluajit2, libmaxminddb0 and
#            libyaml-cpp0.7 of Debian 12.
# Guess:     an old ETag in If-Range gets the whole file, from the cache, from the server by way of it, and after it has found
#            that its copy is out of date. The settings that put ranges into the cache change where bytes come from, no more.
# Seen:      a fresh copy heeds it. Where the copy has expired and the server has a newer file, the server sees If-Range and
#            sends the whole file, and the client gets 206 with a part of that: just when the condition matters it is lost.
#            With cache.range.write so does each first client of a file. With the plugin cache_range_requests a range that is in
#            the cache is given to everybody, whatever If-Range says. The ETag of the 206 is that of the new file each time.
# So:        a client behind it compares the ETag of each 206 with that of its first part, though it sent If-Range. A test with a
#            fresh copy does not show it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# It gives up being root.
chmod 777 "$work"
cd "$work"
apt-get download trafficserver=9.2.5+ds-0+deb12u4 libhwloc15=2.9.0-1 libluajit2-5.1-2=2.1-20230119-1 libmaxminddb0=1.7.1-1 \
    libyaml-cpp0.7=0.7.0+dfsg-8+b1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH=$work/debian/usr/lib/trafficserver:$work/debian/usr/lib/x86_64-linux-gnu

cat >try.py <<'PY'
import http.client, http.server, os, shutil, socket, subprocess, threading, time

BODIES = {version: bytes((n + seed) % 251 for n in range(100000)) for version, seed in (('old', 0), ('new', 7))}
versions = {}
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        version = versions.get(self.path, 'new')
        etag = f'"{version}"'
        body, status, where = BODIES[version], 200, None
        wanted = self.headers.get('Range')
        if wanted and self.headers.get('If-Range', etag) == etag:
            first, last = map(int, wanted.removeprefix('bytes=').split('-'))
            body, status, where = body[first : last + 1], 206, f'bytes {first}-{last}/{len(body)}'
        asked.append(str(status))
        age = 1 if 'short' in self.path else 3600
        self.send_response(status)
        if where:
            self.send_header('Content-Range', where)
        for name, value in {'ETag': etag, 'Cache-Control': f'max-age={age}', 'Content-Length': len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def get(port, path, **headers):
    asked.clear()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    connection.request('GET', path, headers={name.replace('_', '-'): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    version = answer.headers['ETag'].strip('"')
    assert body == (BODIES[version][1000:2000] if answer.status == 206 else BODIES[version])
    return f"{answer.status} of {version}, {f'server said {asked[0]}' if asked else 'server not asked'}"


def run(name, records='', plugin=''):
    here, debian = os.path.abspath(name), os.path.abspath('debian')
    shutil.copytree('debian/etc/trafficserver', f'{here}/etc')
    for folder in ('var', 'log', 'cache', 'run'):
        os.mkdir(f'{here}/{folder}')
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    libraries = f'{debian}/usr/lib/trafficserver'
    folders = {'prefix': here, 'exec_prefix': f'{debian}/usr', 'bindir': f'{debian}/usr/bin', 'sbindir': f'{debian}/usr/bin'}
    folders |= {'libdir': libraries, 'libexecdir': f'{libraries}/modules', 'sysconfdir': f'{here}/etc', 'datadir': f'{here}/var'}
    folders |= {'localstatedir': f'{here}/run', 'runtimedir': f'{here}/run', 'logdir': f'{here}/log', 'cachedir': f'{here}/cache'}
    settings = [f'http.server_ports STRING {port}:ip-in=127.0.0.1', 'admin.user_id STRING nobody', 'exec_thread.limit INT 2']
    settings += ['exec_thread.autoconfig INT 0', 'crash_log_helper STRING NULL', records]
    settings += [f'body_factory.template_sets_dir STRING {here}/etc/body_factory', 'cache.ram_cache.size INT 16M']
    files = {'runroot.yaml': [f'{key}: {value}' for key, value in folders.items()], 'etc/storage.config': [f'{here}/cache 64M']}
    files['etc/records.config'] = [f'CONFIG proxy.config.{setting}' for setting in settings if setting]
    files['etc/remap.config'] = [f'map http://127.0.0.1:{port}/ http://127.0.0.1:{server.server_port}/ {plugin}']
    for file, lines in files.items():
        with open(f'{here}/{file}', 'w') as target:
            target.write('\n'.join(lines) + '\n')
    subprocess.run(['chmod', '-R', '777', here], check=True)
    env = dict(os.environ, TS_RUNROOT=f'{here}/runroot.yaml')
    with open(f'{here}/output', 'w') as output:
        process = subprocess.Popen([f'{debian}/usr/bin/traffic_server'], env=env, cwd=here, stdout=output, stderr=output)
    try:
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        # It listens a little before its cache is ready.
        for n in range(100):
            get(port, f'/ready{n}')
            if get(port, f'/ready{n}').endswith('not asked'):
                break
            time.sleep(0.1)
        part = {'Range': 'bytes=1000-1999'}
        print(f'{name}, nothing in the cache:', get(port, '/one', **part, If_Range='"old"'))
        get(port, '/two')
        get(port, '/two', **part)
        print(f'{name}, a fresh copy:', get(port, '/two', **part, If_Range='"old"'))
        versions['/short'] = 'old'
        get(port, '/short')
        get(port, '/short', **part)
        versions['/short'] = 'new'
        time.sleep(2.5)
        print(f'{name}, an expired copy:', get(port, '/short', **part, If_Range='"old"'), flush=True)
    finally:
        process.terminate()
        process.wait(30)


run('default')
run('range.write', 'http.cache.range.write INT 1')
run('cache_range_requests', '', '@plugin=cache_range_requests.so')
PY
unset http_proxy HTTP_PROXY
timeout 150 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
default, nothing in the cache: 200 of new, server said 200
default, a fresh copy: 200 of new, server not asked
default, an expired copy: 206 of new, server said 200
range.write, nothing in the cache: 206 of new, server said 200
range.write, a fresh copy: 200 of new, server not asked
range.write, an expired copy: 206 of new, server said 200
cache_range_requests, nothing in the cache: 200 of new, server said 200
cache_range_requests, a fresh copy: 206 of new, server not asked
cache_range_requests, an expired copy: 200 of new, server said 200
TEXT
diff expected seen
