#!/usr/bin/env bash
# jsonrpc-glib never answers a request that has no params, and its own calls without params send null instead of none.
#
# Versions:  libjsonrpc-glib-1.0-1 3.42.0-1 with libjson-glib-1.0-0 1.6.6-1 and python3-gi 3.42.2-3+b1 (Debian 12).
# Guess:     params may be left out, as JSON-RPC has it, on both sides. A batch is answered, or refused with an error. The
#            GLib.Error of a failed call has the code and the message of the error; its data may be lost. An answer that
#            belongs to no call is left aside.
# Seen:      a request without params is dropped with a line in the log, whether a server or a client gets it; a notification
#            without params is taken. A call without params sends "params":null. After a batch a server answers nothing any
#            more, not even a good request. The GLib.Error of a call always has the code 0, and its message is the printed
#            GVariant of the whole error, data included. An answer with an unknown id, or with "1" or 1.0 for 1, fails the
#            call that waits, and the client is closed; so does an error with a null id, which JSON-RPC prescribes for a
#            message that could not be read.
# So:        a client of such a server (a GNOME program) always sends params, {} at least, and no batch. A server for such
#            clients takes null for no params, and gives the id back as it came. The code is in the text of the message only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(dpkg-query -W -f '${Version}' python3-gi)" = 3.42.2-3+b1 ] || { echo 'This finding is about python3-gi 3.42.2-3+b1.' >&2; exit 1; }
apt-get download gir1.2-jsonrpc-1.0=3.42.0-1 libjsonrpc-glib-1.0-1=3.42.0-1 libjson-glib-1.0-0=1.6.6-1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" debian; done
export LD_LIBRARY_PATH="$work/debian/usr/lib/x86_64-linux-gnu" GI_TYPELIB_PATH="$work/debian/usr/lib/x86_64-linux-gnu/girepository-1.0"

cat >try.py <<'PY'
import json, os, socket
import gi

gi.require_version('Jsonrpc', '1.0')
from gi.repository import Gio, GLib, Jsonrpc

loop = GLib.MainLoop()


def turn(milliseconds=200):
    GLib.timeout_add(milliseconds, loop.quit)
    loop.run()


class Wire:
    """The test's end of a connection, and a stream for the library's end."""

    def __init__(self):
        theirs, self.mine = socket.socketpair()
        self.stream = Gio.Socket.new_from_fd(os.dup(theirs.fileno())).connection_factory_create_connection()
        theirs.close()
        self.mine.setblocking(False)

    def send(self, text):
        self.mine.send(f'Content-Length: {len(text)}\r\n\r\n{text}'.encode())
        turn()

    def receive(self):
        try:
            return self.mine.recv(65536).decode().partition('\r\n\r\n')[2]
        except BlockingIOError:
            return ''


def served(name, text):
    wire, notified = Wire(), []
    server = Jsonrpc.Server()

    def on_call(server, client, method, call_id, params):
        client.reply(call_id, GLib.Variant('s', 'done'), None)
        return True

    server.connect('handle-call', on_call)
    server.connect('notification', lambda server, client, method, params: notified.append(method))
    server.accept_io_stream(wire.stream)
    wire.send(text)
    first = 'notified' if notified else 'answered' if wire.receive() else 'no answer'
    wire.send('{"jsonrpc":"2.0","id":2,"method":"m","params":{}}')
    print(f'server, {name}: {first}, then {"answered" if wire.receive() else "no answer"}')


def called(name, *answers):
    wire, told = Wire(), []
    client = Jsonrpc.Client.new(wire.stream)
    client.connect('failed', lambda client: told.append('closed'))
    client.connect('handle-call', lambda client, method, call_id, params: told.append('asked') and False)
    client.start_listening()

    def done(client, result):
        try:
            told.append(f'result {client.call_finish(result)[1].print_(False)}')
        except GLib.Error as error:
            told.append(f'error {error.code} {error.message}')

    client.call_async('m', None, None, done)
    turn()
    sent = json.loads(wire.receive())
    for answer in answers:
        wire.send(answer)
    print(f'client, {name}: sent {json.dumps(sent["params"])}, {", ".join(told)}')


served('params {}', '{"jsonrpc":"2.0","id":1,"method":"m","params":{}}')
served('params null', '{"jsonrpc":"2.0","id":1,"method":"m","params":null}')
served('no params', '{"jsonrpc":"2.0","id":1,"method":"m"}')
served('notification without params', '{"jsonrpc":"2.0","method":"m"}')
served('batch', '[{"jsonrpc":"2.0","id":1,"method":"m","params":{}}]')
good = '{"jsonrpc":"2.0","id":1,"result":"good"}'
called('answer', good)
called('error', '{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"in use","data":{"app":"Word"}}}')
called('id "1"', good.replace('1,', '"1",'), good)
called('id 1.0', good.replace('1,', '1.0,'), good)
called('unknown id', good.replace('1,', '9,'), good)
called('null id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad"}}', good)
called('request with params', '{"jsonrpc":"2.0","id":"a","method":"q","params":{}}', good)
called('request without params', '{"jsonrpc":"2.0","id":"a","method":"q"}', good)
PY
timeout 60 /usr/bin/python3 try.py 2>log | tee seen
echo "dropped: $(grep -c 'Unhandled RPC from peer' log)" | tee -a seen
cat >expected <<'TEXT'
server, params {}: answered, then answered
server, params null: answered, then answered
server, no params: no answer, then answered
server, notification without params: notified, then answered
server, batch: no answer, then no answer
client, answer: sent null, result 'good'
client, error: sent null, error 0 {'code': <int64 7>, 'message': <'in use'>, 'data': <{'app': <'Word'>}>}
client, id "1": sent null, error 35 Reply to missing or invalid task, closed
client, id 1.0: sent null, error 35 Reply to missing or invalid task, closed
client, unknown id: sent null, error 35 Reply to missing or invalid task, closed
client, null id: sent null, error 0 {'code': <int64 -32700>, 'message': <'bad'>}, closed
client, request with params: sent null, asked, result 'good'
client, request without params: sent null, result 'good'
dropped: 2
TEXT
diff expected seen
