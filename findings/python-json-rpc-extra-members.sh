#!/usr/bin/env bash
# Python's json-rpc refuses a request that has one member more, without the request's id, and the whole batch around it.
#
# Versions:  python3-jsonrpc 1.13.0-3 (json-rpc of PyPI, Debian 12), Python 3.11.
# Guess:     members that JSON-RPC does not name are ignored, and an id may be any number. What is wrong with one member of a
#            batch concerns that member alone. An argument of the wrong type is -32602, another exception -32603. A result that
#            JSON cannot hold is an error for that call.
# Seen:      "trace" or "meta" beside params makes a request invalid: -32600 with id null, which a client cannot match with its
#            call. So do an id such as 1.5 and a method in "rpc.". In a batch one such member refuses them all, and the others do
#            not run. An exception of a method is -32000, one for a wrong type as well. A result that JSON cannot hold is found
#            when the answer is written: an exception of the server, and no answer. Null params count as none, and a request
#            without "jsonrpc" is answered as version 1.
# So:        a client sends the four members, whole numbers or texts as ids, and takes an answer without an id for its oldest
#            call. Methods catch what they raise, and return plain values; the server reads .json in a try of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download python3-jsonrpc=1.13.0-3 >/dev/null 2>&1
dpkg -x python3-jsonrpc_*.deb debian
export PYTHONPATH=$work/debian/usr/lib/python3/dist-packages

cat >try.py <<'PY'
import datetime
import json

from jsonrpc import Dispatcher, JSONRPCResponseManager
from jsonrpc.exceptions import JSONRPCDispatchException

methods = Dispatcher()
runs = []


@methods.add_method
def twice(count):
    runs.append("twice")
    return 2 * count + 0


@methods.add_method
def apply(force=False):
    raise JSONRPCDispatchException(code=7, message="in use", data={"apps": ["WINWORD.EXE"]})


@methods.add_method
def read():
    raise FileNotFoundError("absent")


@methods.add_method
def when():
    return datetime.date(2026, 12, 1)


def ask(text):
    runs.clear()
    try:
        answer = json.loads(JSONRPCResponseManager.handle(text, methods).json)
    except Exception as error:
        answer = f"the server raises {type(error).__name__}"
    asked = text.replace('"jsonrpc":"2.0",', "")
    print(f"{asked}: {json.dumps(answer)}" + "".join(f", ran {each}" for each in runs))


def request(rest):
    return '{"jsonrpc":"2.0",' + rest + "}"


good = request('"id":1,"method":"twice","params":[2]')
for rest in (
    '"id":1,"method":"twice","params":{"count":2}',
    '"id":1,"method":"twice","params":{"count":2},"trace":"x"',
    '"id":1.5,"method":"twice","params":[2]',
    '"id":1,"method":"rpc.discover"',
    '"id":1,"method":"apply","params":null',
    '"id":1,"method":"twice","params":["x"]',
    '"id":1,"method":"read"',
    '"id":1,"method":"when"',
):
    ask(request(rest))
for rest in ('"id":2,"method":"unknown"', '"id":2,"method":"twice","params":[3],"trace":"x"'):
    ask(f"[{good},{request(rest)}]")
ask('{"id":1,"method":"twice","params":[2]}')
PY
timeout 60 /usr/bin/python3 try.py 2>/dev/null | tee seen
cat >expected <<'TEXT'
{"id":1,"method":"twice","params":{"count":2}}: {"result": 4, "id": 1, "jsonrpc": "2.0"}, ran twice
{"id":1,"method":"twice","params":{"count":2},"trace":"x"}: {"error": {"code": -32600, "message": "Invalid Request"}, "id": null, "jsonrpc": "2.0"}
{"id":1.5,"method":"twice","params":[2]}: {"error": {"code": -32600, "message": "Invalid Request"}, "id": null, "jsonrpc": "2.0"}
{"id":1,"method":"rpc.discover"}: {"error": {"code": -32600, "message": "Invalid Request"}, "id": null, "jsonrpc": "2.0"}
{"id":1,"method":"apply","params":null}: {"error": {"code": 7, "message": "in use", "data": {"apps": ["WINWORD.EXE"]}}, "id": 1, "jsonrpc": "2.0"}
{"id":1,"method":"twice","params":["x"]}: {"error": {"code": -32000, "message": "Server error", "data": {"type": "TypeError", "args": ["can only concatenate str (not \"int\") to str"], "message": "can only concatenate str (not \"int\") to str"}}, "id": 1, "jsonrpc": "2.0"}, ran twice
{"id":1,"method":"read"}: {"error": {"code": -32000, "message": "Server error", "data": {"type": "FileNotFoundError", "args": ["absent"], "message": "absent"}}, "id": 1, "jsonrpc": "2.0"}
{"id":1,"method":"when"}: "the server raises TypeError"
[{"id":1,"method":"twice","params":[2]},{"id":2,"method":"unknown"}]: [{"result": 4, "id": 1, "jsonrpc": "2.0"}, {"error": {"code": -32601, "message": "Method not found"}, "id": 2, "jsonrpc": "2.0"}], ran twice
[{"id":1,"method":"twice","params":[2]},{"id":2,"method":"twice","params":[3],"trace":"x"}]: {"error": {"code": -32600, "message": "Invalid Request"}, "id": null, "jsonrpc": "2.0"}
{"id":1,"method":"twice","params":[2]}: {"result": 4, "id": 1}, ran twice
TEXT
diff expected seen
