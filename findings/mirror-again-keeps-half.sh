#!/usr/bin/env bash
# After a broken download the same command again, with -N, -z or --etag-compare, leaves the half file as it is and says success.
#
# Versions:  curl 7.88.1-10+deb12u14, wget 1.21.3-1+deb12u1, wget2 1.99.1-2.2 with libwget0, aria2 1.36.0-1 (Debian 12).
# Guess:     "only what is newer" together with "continue" (wget -N -c, curl -C - with -z or ETags) continues a file that is
#            there by half, since its length is not that of the server; without continue it is fetched anew. Of a file that
#            changed meanwhile the whole comes.
# Seen:      curl, wget and wget2 ask whether the file is newer than the half one, or has another ETag than the one noted when
#            the broken transfer began. The server says 304, nothing comes, and the exit code is 0. wget2 ends with 0 after
#            the break already. With Range beside it the answer is the same, and where the file changed it is 206: curl with
#            ETags and wget2 -N -c append the rest of the new file to half of the old one. For wget and curl -z a half file of
#            today is newer than a file of last week, so that even the changed one is not fetched.
#            wget --no-if-modified-since, which compares lengths, and aria2 continue; both join versions where it changed.
# So:        a job that mirrors by running such a command until it succeeds keeps a torn file for good, and no later run repairs it.
#            It downloads under another name and renames, or deletes what it has after an error, and compares a hash.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for pinned in curl=7.88.1-10+deb12u14 wget=1.21.3-1+deb12u1 aria2=1.36.0-1; do
    [ "$(dpkg-query -W -f '${Version}' "${pinned%%=*}")" = "${pinned#*=}" ]
done
apt-get download wget2=1.99.1-2.2 libwget0=1.99.1-2.2 libgpgme11=1.18.0-3+deb12u1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH=$work/debian/usr/lib:$work/debian/usr/lib/x86_64-linux-gnu

cat >try.py <<'PY'
import email.utils, http.server, os, re, shutil, subprocess, threading, time

SIZE = 400000
BODIES = {'old': b'o' * SIZE, 'new': b'n' * SIZE}
# Whatever day it is: a month ago, and last week.
TIMES = {'old': email.utils.formatdate(time.time() - 30 * 86400, usegmt=True)}
TIMES['new'] = email.utils.formatdate(time.time() - 7 * 86400, usegmt=True)
now = {}


def seconds(date):
    return email.utils.parsedate_to_datetime(date).timestamp()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        version, asked = now['version'], self.headers
        etag, date = f'"{version}"', TIMES[version]
        wanted = re.match(r'bytes=(\d+)-(\d*)$', asked.get('Range', ''))
        if 'If-None-Match' in asked:
            same = asked['If-None-Match'] == etag
        else:
            same = 'If-Modified-Since' in asked and seconds(date) <= seconds(asked['If-Modified-Since'])
        status, body = (304, b'') if same else (200, BODIES[version])
        if status == 200 and wanted:
            status, first = 206, int(wanted[1])
            body = body[first : int(wanted[2]) + 1 if wanted[2] else SIZE]
        now['answers'].append(str(status))
        self.send_response(status)
        if status == 206:
            self.send_header('Content-Range', f'bytes {first}-{first + len(body) - 1}/{SIZE}')
        headers = {'ETag': etag, 'Last-Modified': date, 'Accept-Ranges': 'bytes'}
        for name, value in (headers if status == 304 else headers | {'Content-Length': str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == 'HEAD':
            return
        self.wfile.write(body[: SIZE // 2] if now['breaks'] else body)
        if now['breaks']:
            self.wfile.flush()
            time.sleep(0.3)
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f'http://127.0.0.1:{server.server_port}/stream.dat'
output = ['-o', 'stream.dat', url]
etags = ['--etag-save', 'etag', '--etag-compare', 'etag']
wget2 = [os.path.abspath('debian/usr/bin/wget2'), '-q', '--no-config', '--tries=1']
tools = {
    'curl with ETags': ['/usr/bin/curl', '-s', *etags, *output],
    'curl with ETags -C -': ['/usr/bin/curl', '-s', '-C', '-', *etags, *output],
    'curl -z -C -': ['/usr/bin/curl', '-s', '-C', '-', '-z', 'stream.dat', *output],
    'wget -N': ['/usr/bin/wget', '-q', '--tries=1', '-N', url],
    'wget -N -c': ['/usr/bin/wget', '-q', '--tries=1', '-N', '-c', url],
    'wget -N -c --no-if-modified-since': ['/usr/bin/wget', '-q', '--tries=1', '-N', '-c', '--no-if-modified-since', url],
    'wget2 -N': [*wget2, '-N', url],
    'wget2 -N -c': [*wget2, '-N', '-c', url],
    'aria2 -c --conditional-get': ['/usr/bin/aria2c', '--no-conf', '-q', '--max-tries=1', '-s1', '-c', '--conditional-get', url],
}
for what, second in (('stays', 'old'), ('changes', 'new')):
    for name, command in tools.items():
        shutil.rmtree('in', ignore_errors=True)
        os.mkdir('in')
        runs = []
        for version, breaks in (('old', True), (second, False)):
            now.update(version=version, breaks=breaks, answers=[])
            env = dict(os.environ, HOME=os.path.abspath('in'))
            ended = subprocess.run(command, cwd='in', env=env, capture_output=True, timeout=60)
            with open('in/stream.dat', 'rb') as file:
                have = file.read()
            halves = '+'.join(letter for letter, byte in (('old', b'o'), ('new', b'n')) if byte in have)
            amount = 'whole' if len(have) == SIZE else 'half' if len(have) == SIZE // 2 else len(have)
            runs.append(f"exit {ended.returncode}, {amount} {halves}")
        print(f"{name}, the file {what}: {runs[0]}; again ({' '.join(now['answers'])}): {runs[1]}", flush=True)
PY
unset http_proxy HTTP_PROXY
timeout 200 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
curl with ETags, the file stays: exit 18, half old; again (304): exit 0, half old
curl with ETags -C -, the file stays: exit 18, half old; again (304): exit 0, half old
curl -z -C -, the file stays: exit 18, half old; again (304): exit 0, half old
wget -N, the file stays: exit 4, half old; again (304): exit 0, half old
wget -N -c, the file stays: exit 4, half old; again (304): exit 0, half old
wget -N -c --no-if-modified-since, the file stays: exit 4, half old; again (206 206): exit 0, whole old
wget2 -N, the file stays: exit 0, half old; again (304): exit 0, half old
wget2 -N -c, the file stays: exit 0, half old; again (304): exit 0, half old
aria2 -c --conditional-get, the file stays: exit 1, half old; again (200 206): exit 0, whole old
curl with ETags, the file changes: exit 18, half old; again (200): exit 0, whole new
curl with ETags -C -, the file changes: exit 18, half old; again (206): exit 0, whole old+new
curl -z -C -, the file changes: exit 18, half old; again (304): exit 0, half old
wget -N, the file changes: exit 4, half old; again (304): exit 0, half old
wget -N -c, the file changes: exit 4, half old; again (304): exit 0, half old
wget -N -c --no-if-modified-since, the file changes: exit 4, half old; again (206 206): exit 0, whole old+new
wget2 -N, the file changes: exit 0, half old; again (200): exit 0, whole new
wget2 -N -c, the file changes: exit 0, half old; again (206): exit 0, whole old+new
aria2 -c --conditional-get, the file changes: exit 1, half old; again (200 206): exit 0, whole old+new
TEXT
diff expected seen
