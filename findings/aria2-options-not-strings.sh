#!/usr/bin/env bash
# aria2's JSON-RPC drops an option whose value is not a string: {"pause": true} begins the download, and answers with success.
#
# Versions:  aria2 1.36.0-1 (Debian 12).
# Guess:     the manual wants each option's value as a string, so that a number or a boolean is refused as another wrong value
#            is, or taken as what it plainly means. An option that does not exist is an error, as on the command line.
# Seen:      {"split": "x"} is refused, and a parameter of the wrong type too. But {"split": 4} and {"pause": true} are
#            left out: the download runs with five connections, without its limit, at once instead of paused, and the answer
#            is a gid. An unknown name is left out as well. changeOption says OK to all of that, and to an option that it
#            cannot change. In a whole number with an exponent the rest is dropped: 1e3 waiting downloads are 1, the id 1e3
#            comes back as 1.
# So:        a client makes a string of every value, and reads the options back by getOption before it unpauses. OK only says
#            that no value was wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(dpkg-query -W -f '${Version}' aria2)" = 1.36.0-1 ]
[ "$(dpkg-query -W -f '${Version}' libaria2-0)" = 1.36.0-1 ]

cat >try.py <<'PY'
import http.client, json, socket, subprocess, time

with socket.socket() as probe:
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
# A server that accepts and never answers, so that a download that runs stays active.
silent = socket.create_server(('127.0.0.1', 0), backlog=50)
uri = f'http://127.0.0.1:{silent.getsockname()[1]}/file'
command = ['aria2c', '--no-conf', '-q', '--enable-rpc', f'--rpc-listen-port={port}', '--dir=.', '--all-proxy=']
aria2 = subprocess.Popen(command, stdout=subprocess.DEVNULL)


def post(text):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    connection.request('POST', '/jsonrpc', text, {'Content-Type': 'application/json'})
    return json.loads(connection.getresponse().read())


def call(method, *params):
    answer = post(json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': f'aria2.{method}', 'params': params}))
    return answer['result'] if 'result' in answer else 'refused'


def add(options):
    gid = call('addUri', [uri], options)
    if gid == 'refused':
        return gid
    name = list(options)[-1]
    return f"{call('tellStatus', gid, ['status'])['status']}, {name}: {call('getOption', gid).get(name, '-')}"


def change(options):
    gid = call('addUri', [uri], {'pause': 'true', 'split': '4'})
    name = list(options)[-1]
    return f"{call('changeOption', gid, options)}, {name}: {call('getOption', gid).get(name, '-')}"


try:
    for _ in range(100):
        try:
            call('getVersion')
            break
        except OSError:
            time.sleep(0.1)
    paused = {'pause': 'true'}
    seen = {
        'split "4"': add({**paused, 'split': '4'}),
        'split 4': add({**paused, 'split': 4}),
        'split "x"': add({**paused, 'split': 'x'}),
        'limit "1000"': add({**paused, 'max-download-limit': '1000'}),
        'limit 1000': add({**paused, 'max-download-limit': 1000}),
        'pause "true"': add({'pause': 'true'}).split(',')[0],
        'pause true': add({'pause': True}).split(',')[0],
        'no such option': add({**paused, 'splitt': '4'}),
        'change split "7"': change({'split': '7'}),
        'change split 7': change({'split': 7}),
        'change no such option': change({'splitt': '7'}),
        'change dry-run, which cannot be changed': change({'dry-run': 'true'}),
        'tellWaiting ["0", 9]': call('tellWaiting', '0', 9),
        'tellWaiting [0, 9]': len(call('tellWaiting', 0, 9)),
        'tellWaiting [0, 1e3]': len(post('{"jsonrpc":"2.0","id":1,"method":"aria2.tellWaiting","params":[0,1e3]}')['result']),
        'the id 1e3': post('{"jsonrpc":"2.0","id":1e3,"method":"aria2.getVersion"}')['id'],
    }
finally:
    aria2.terminate()
    aria2.wait(20)
for name, value in seen.items():
    print(f'{name} -> {value}')
PY
timeout 100 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
split "4" -> paused, split: 4
split 4 -> paused, split: 5
split "x" -> refused
limit "1000" -> paused, max-download-limit: 1000
limit 1000 -> paused, max-download-limit: 0
pause "true" -> paused
pause true -> active
no such option -> paused, splitt: -
change split "7" -> OK, split: 7
change split 7 -> OK, split: 4
change no such option -> OK, splitt: -
change dry-run, which cannot be changed -> OK, dry-run: false
tellWaiting ["0", 9] -> refused
tellWaiting [0, 9] -> 9
tellWaiting [0, 1e3] -> 1
the id 1e3 -> 1
TEXT
diff expected seen
