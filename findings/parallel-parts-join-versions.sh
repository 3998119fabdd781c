#!/usr/bin/env bash
# Five tools that fetch the parts of a file side by side join those of two versions, and end as a success; one notices the size.
#
# Versions:  aria2 1.36.0-1, axel 2.17.11-3, lftp 4.9.2-2+b1, wget2 1.99.1-2.2 with libwget0, rclone 1.60.1+dfsg-2+b5 (Debian 12).
# Guess:     where the server has an ETag and a date, aria2 and rclone, which know of both, ask for each part on condition that
#            the file is the same, or compare, and fail where it changed; axel, lftp and wget2 may not. A file that changes its
#            size meanwhile is an error with all of them, as Content-Range tells the size with each part.
# Seen:      none sends If-Range or If-Match with any part, and none compares ETag or date. A file of which the first quarter
#            is old and the rest is new has the right length, and all end with exit code 0. Of a file that grew meanwhile four of
#            them make the old length, also with parts of both; rclone compares sizes afterwards, but with that of the
#            beginning. aria2 alone refuses the parts with another size, and fetches all of the old file over the connection
#            that it has.
# So:        a mirror of large files that are replaced under their names, as an Office CDN's cabinets are, is fetched with hashes
#            at hand, or over one connection. One server behind a name is enough; two that are not replaced at once do the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for pinned in aria2=1.36.0-1 libaria2-0=1.36.0-1; do
    [ "$(dpkg-query -W -f '${Version}' "${pinned%%=*}")" = "${pinned#*=}" ]
done
apt-get download axel=2.17.11-3 lftp=4.9.2-2+b1 wget2=1.99.1-2.2 libwget0=1.99.1-2.2 libgpgme11=1.18.0-3+deb12u1 \
    rclone=1.60.1+dfsg-2+b5 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH=$work/debian/usr/lib:$work/debian/usr/lib/x86_64-linux-gnu

cat >try.py <<'PY'
import http.server, os, re, shutil, subprocess, threading, time

MIB = 1 << 20
TIMES = {'old': 'Mon, 02 Nov 2026 10:00:00 GMT', 'new': 'Tue, 03 Nov 2026 10:00:00 GMT'}
bodies = {'old': b'o' * 4 * MIB}
now = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        asked = re.match(r'bytes=(\d+)-(\d*)$', self.headers.get('Range', ''))
        first = int(asked[1]) if asked else 0
        if self.command == 'GET' and first > 0 and now['changes']:
            # The file is replaced once the first part of it is on its way.
            now['begun'].wait(10)
            now['version'] = 'new'
        version = now['version']
        body = bodies[version]
        etag = f'"{version}"'
        now['conditions'] += [name for name in ('If-Range', 'If-Match', 'If-Unmodified-Since') if name in self.headers]
        end = int(asked[2]) + 1 if asked and asked[2] else len(body)
        part = body[first:end]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header('Content-Range', f'bytes {first}-{first + len(part) - 1}/{len(body)}')
        headers = {'ETag': etag, 'Last-Modified': TIMES[version], 'Accept-Ranges': 'bytes', 'Content-Length': len(part)}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command == 'HEAD':
            return
        # axel asks for 0- first, and leaves that connection.
        if first == 0 and not (asked and not asked[2]):
            now['begun'].set()
        try:
            for at in range(0, len(part), 65536):
                self.wfile.write(part[at : at + 65536])
                time.sleep(0.01)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
site = f'http://127.0.0.1:{server.server_port}'
url = f'{site}/stream.dat'
debian = os.path.abspath('debian/usr/bin')
tools = {
    'aria2': ['/usr/bin/aria2c', '--no-conf', '-q', '-x4', '-s4', '-k1M', '-o', 'out', url],
    'axel': [f'{debian}/axel', '-q', '-n', '4', '-o', 'out', url],
    'lftp': [f'{debian}/lftp', '--norc', '-c', f'pget -n 4 {url} -o out'],
    'wget2': [f'{debian}/wget2', '-q', '--no-config', '--chunk-size=1M', '--max-threads=4', '-O', 'out', url],
    'rclone': [f'{debian}/rclone', 'copyto', '--config', '', '--multi-thread-cutoff', '1M', '--multi-thread-streams', '4']
    + ['--http-url', site, ':http:stream.dat', 'out'],
}
for what, changes, size in (('stays', False, 4), ('is replaced', True, 4), ('is replaced by a larger one', True, 5)):
    bodies['new'] = b'n' * size * MIB
    for name, command in tools.items():
        shutil.rmtree('in', ignore_errors=True)
        os.mkdir('in')
        now.update(version='old', changes=changes, begun=threading.Event(), conditions=[])
        env = dict(os.environ, HOME=os.path.abspath('in'))
        ended = subprocess.run(command, cwd='in', env=env, capture_output=True, timeout=60)
        made = open('in/out', 'rb').read()
        old, new = (made.count(letter) / MIB for letter in (b'o', b'n'))
        print(f"{name}, the file {what}: exit {ended.returncode}, old {old:g} MiB, new {new:g} MiB, conditions {now['conditions']}")
PY
unset http_proxy HTTP_PROXY
timeout 200 /usr/bin/python3 try.py | tee seen
{
    for tool in aria2 axel lftp wget2 rclone; do echo "$tool, the file stays: exit 0, old 4 MiB, new 0 MiB, conditions []"; done
    for tool in aria2 axel lftp wget2 rclone; do echo "$tool, the file is replaced: exit 0, old 1 MiB, new 3 MiB, conditions []"; done
    echo 'aria2, the file is replaced by a larger one: exit 0, old 4 MiB, new 0 MiB, conditions []'
    for tool in axel lftp wget2 rclone; do
        echo "$tool, the file is replaced by a larger one: exit 0, old 1 MiB, new 3 MiB, conditions []"
    done
} >expected
diff expected seen
