"""A session with the bridge through python-lsp-jsonrpc, a client that nobody here wrote: what it saw, as one line of JSON.

Arguments: the command line that starts the bridge.
"""
import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import CancelledError, InvalidStateError

from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.exceptions import JsonRpcException
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter

DEADLINE = 20
# The library sends its $/cancelRequest from a callback that then fails on the future that it was called for.
logging.getLogger("concurrent.futures").disabled = True

bridge = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
progress = {}
begun = threading.Event()
refused = threading.Event()


def on_progress(params):
    progress.setdefault(params["token"], []).append(params["value"])
    if params["token"] == "endless":
        begun.set()


endpoint = Endpoint({"$/progress": on_progress}, JsonRpcStreamWriter(bridge.stdin).write)
reader = JsonRpcStreamReader(bridge.stdout)
replies = []


def consume(message):
    if "method" not in message:
        replies.append(message)
        if message.get("error", {}).get("code") == -32800:
            refused.set()
    try:
        endpoint.consume(message)
    except InvalidStateError:
        # The reply to what was cancelled finds a future that has ended already.
        assert message["error"]["code"] == -32800, message


listener = threading.Thread(target=reader.listen, args=(consume,), daemon=True)
listener.start()


def call(method, params=None):
    return endpoint.request(method, params).result(DEADLINE)


def refusal(method, params):
    try:
        call(method, params)
    except JsonRpcException as error:
        return {"code": error.code, "data": error.data}
    return None


seen = {
    "initialized": call("initialize", {"protocolVersion": 1, "client": {"name": "pylsp", "version": "1"}}),
    "pings": [future.result(DEADLINE) for future in [endpoint.request("bridge/ping") for _ in range(200)]],
    "updated": call("c2r/update", {"pollMs": 100, "progressToken": "update"}),
    "invalid": refusal("bridge/ping", {"unknown": 1}),
    "absent": refusal("no/method", {}),
}
seen["phases"] = [value["phase"] for value in progress["update"]]

endless = endpoint.request("c2r/download", {"wait": True, "pollMs": 100, "progressToken": "endless"})
begun.wait(DEADLINE)
endless.cancel()
try:
    endless.result(DEADLINE)
except CancelledError:
    seen["cancelled"] = True
seen["afterwards"] = call("c2r/wait", {"timeoutMs": 10000, "pollMs": 100})["busy"]
# The reply to what was cancelled may come after the one to what was asked later.
refused.wait(DEADLINE)
seen["cancelCodes"] = [reply["error"]["code"] for reply in replies if "error" in reply][2:]

seen["shutdown"] = call("shutdown")
endpoint.notify("exit")
seen["exitCode"] = bridge.wait(DEADLINE)
print(json.dumps(seen))
