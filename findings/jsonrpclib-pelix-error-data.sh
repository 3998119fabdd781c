#!/usr/bin/env bash
# A jsonrpclib-pelix client gives the data of an error only for some codes: those of the range for servers come without.
#
# Versions:  python3-jsonrpclib-pelix 0.4.2-2 (Debian 12), Python 3.11.
# Guess:     whatever the code, the exception at the client has code, message and data. A handler's exception becomes -32603
#            with its text, or with its own code and data where it has some. An id that is an empty string is an id.
# Seen:      for codes from -32700 to -32000, which hold all that JSON-RPC lets a server define, the exception is a
#            ProtocolError with code and message alone; the data are gone. Other codes raise AppError, which has them. A raised
#            exception loses its code and data; a Fault that is returned keeps its code. A request with the id "" is taken
#            for a notification, and so is one with null: the method runs, and nothing is answered.
# So:        a server for such clients uses codes above -32000 for errors with data, catches everything in its handlers, and
#            returns a Fault. A client numbers its requests.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download python3-jsonrpclib-pelix=0.4.2-2 >/dev/null 2>&1
dpkg -x ./*.deb debian

cat >try.py <<'PY'
import http.client, json, logging, sys, threading

sys.path.insert(0, 'debian/usr/lib/python3/dist-packages')
logging.disable(logging.CRITICAL)
from jsonrpclib import Fault, ServerProxy
from jsonrpclib.jsonrpc import AppError, ProtocolError
from jsonrpclib.SimpleJSONRPCServer import SimpleJSONRPCServer


class Own(Exception):
    code, data = 7, {'apps': ['WINWORD.EXE']}


def raise_own():
    raise Own('in use')


calls = []
server = SimpleJSONRPCServer(('127.0.0.1', 0), logRequests=False)
server.register_function(lambda code: Fault(code, 'in use', data=Own.data), 'fault')
server.register_function(raise_own)
server.register_function(lambda: calls.append(1), 'count')
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.socket.getsockname()[1]
client = ServerProxy(f'http://127.0.0.1:{port}/')


def error_of(call):
    try:
        return f'no error: {call()}'
    except AppError as error:
        return f'AppError {error.args[0][:2]}, data {error.data()}'
    except ProtocolError as error:
        code, _, *rest = error.args[0]
        return f'ProtocolError {code}, {"data" if rest else "no data"}'


def wire(request_id):
    calls.clear()
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    message = {'jsonrpc': '2.0', 'id': request_id, 'method': 'count', 'params': []}
    connection.request('POST', '/', json.dumps(message), {'Content-Type': 'application/json'})
    body = connection.getresponse().read()
    return f'called {len(calls)} time, {"answered" if body else "no answer"}'


for code in (-32768, -32701, -32700, -32603, -32099, -32010, -32000, -31999, 0, 7):
    print(f'Fault {code} returned: {error_of(lambda: client.fault(code))}')
print(f'exception with code and data: {error_of(client.raise_own)}')
for request_id in (1, 0, 'a', '', None):
    print(f'id {json.dumps(request_id)}: {wire(request_id)}')
PY
timeout 60 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
Fault -32768 returned: AppError (-32768, 'in use'), data {'apps': ['WINWORD.EXE']}
Fault -32701 returned: AppError (-32701, 'in use'), data {'apps': ['WINWORD.EXE']}
Fault -32700 returned: ProtocolError -32700, no data
Fault -32603 returned: ProtocolError -32603, no data
Fault -32099 returned: ProtocolError -32099, no data
Fault -32010 returned: ProtocolError -32010, no data
Fault -32000 returned: ProtocolError -32000, no data
Fault -31999 returned: AppError (-31999, 'in use'), data {'apps': ['WINWORD.EXE']}
Fault 0 returned: AppError (0, 'in use'), data {'apps': ['WINWORD.EXE']}
Fault 7 returned: AppError (7, 'in use'), data {'apps': ['WINWORD.EXE']}
exception with code and data: ProtocolError -32603, no data
id 1: called 1 time, answered
id 0: called 1 time, answered
id "a": called 1 time, answered
id "": called 1 time, no answer
id null: called 1 time, no answer
TEXT
diff expected seen
