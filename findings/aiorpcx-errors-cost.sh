#!/usr/bin/env bash
# A server made with aiorpcX slows a client down after 20 errors of its own handlers, and ends the session after about 100.
#
# Versions:  python3-aiorpcx 0.22.1-2 (Debian 12), Python 3.11. The pauses are set to nothing, so that the script is quick.
# Guess:     an RPCError that a handler raises is an ordinary answer: it costs what a result costs, and has data as JSON-RPC
#            allows. The end of the session fails the call that waits with an error of the connection. A request whose id is null
#            is answered, and params that are null are none.
# Seen:      each error of a handler counts as 100 towards the limits of the session, 2,000 and 10,000, which fall off within an
#            hour: from the 21st on answers take longer, up to two seconds each, and after about 100 the server closes. The
#            client's call ends with CancelledError, which `except Exception` misses. RPCError takes no data and drops those of a
#            peer. A null id gets no answer, null params are -32602, surplus members pass.
# So:        a client that asks "is it done yet" and gets an error each time is thrown out. A handler returns what is expected to
#            fail as a result, or its session sets error_base_cost. A client catches CancelledError and connects again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download python3-aiorpcx=0.22.1-2 >/dev/null 2>&1
dpkg -x python3-aiorpcx_*.deb debian
export PYTHONPATH=$work/debian/usr/lib/python3/dist-packages

cat >try.py <<'PY'
import asyncio
import json

from aiorpcx import JSONRPCConnection, JSONRPCv2, Request, RPCError, RPCSession, connect_rs, handler_invocation, serve_rs


async def status():
    return "fine"


async def fails():
    raise RPCError(7, "in use")


class Server(RPCSession):
    cost_sleep = 0.0  # two seconds as it comes

    async def handle_request(self, request):
        return await handler_invocation({"status": status, "fails": fails}.get(request.method), request)()


class Forgiving(Server):
    error_base_cost = 0.0


async def calls(server, method):
    """Calls until the session ends, or 300 times."""
    listening = await serve_rs(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    answers = 0
    try:
        async with connect_rs("127.0.0.1", port) as session:
            session.sent_request_timeout = 20
            for _ in range(300):
                try:
                    await session.send_request(method)
                except RPCError:
                    pass
                answers += 1
    except BaseException as error:
        return f"{'about 100' if 99 <= answers <= 110 else answers} answers, then {type(error).__name__}, an Exception: {isinstance(error, Exception)}"
    finally:
        listening.close()
    return f"{answers} answers"


async def raw(text):
    """What a server sends for this text."""
    connection = JSONRPCConnection(JSONRPCv2)
    try:
        (item,) = connection.receive_message(text.encode())
    except Exception as error:
        return error.error_message.decode()
    return item.send_result("fine").decode() if isinstance(item, Request) else "nothing"


async def main():
    for server, method in ((Server, "status"), (Server, "fails"), (Server, "unknown"), (Forgiving, "fails")):
        print(f"{server.__name__}, {method}: {await calls(server, method)}")
    for rest in ('"id":null', '"id":1,"params":null', '"id":1,"trace":"x"'):
        answer = await raw('{"jsonrpc":"2.0","method":"status",' + rest + "}")
        print(f"{rest}: {answer}")

    connection = JSONRPCConnection(JSONRPCv2)
    _, future = connection.send_request(Request("update", []))
    connection.receive_message(json.dumps({"jsonrpc": "2.0", "id": 0, "error": {"code": 7, "message": "in use", "data": ["WINWORD.EXE"]}}).encode())
    print("error of a peer:", vars(future.exception()), future.exception().args)


asyncio.run(main())
PY
timeout 120 /usr/bin/python3 try.py 2>/dev/null | tee seen
cat >expected <<'TEXT'
Server, status: 300 answers
Server, fails: about 100 answers, then CancelledError, an Exception: False
Server, unknown: about 100 answers, then CancelledError, an Exception: False
Forgiving, fails: 300 answers
"id":null: nothing
"id":1,"params":null: {"jsonrpc":"2.0","error":{"code":-32602,"message":"invalid request arguments: None"},"id":1}
"id":1,"trace":"x": {"jsonrpc":"2.0","result":"fine","id":1}
error of a peer: {'cost': 0.0} (7, 'in use')
TEXT
diff expected seen
