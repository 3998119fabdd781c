#!/usr/bin/env bash
# In python-lsp-jsonrpc cancelling works on neither side: a server leaves the request without an answer, a client stops reading.
#
# Versions:  python3-pylsp-jsonrpc 1.0.0-3 (Debian 12), Python 3.11.
# Guess:     a request that is cancelled while it waits for a worker is answered with the error -32800. A client that cancels
#            its future sends $/cancelRequest, and the answer that comes for it is ignored.
# Seen:      both sides mark a cancelled future as failed, which Python's futures refuse (InvalidStateError). On the server
#            that happens in a callback: it is logged, and the request never gets an answer. A client sends
#            $/cancelRequest, but the answer raises out of listen(), whether it is a result or the error: its reader has
#            ended, and no other request is ever answered.
# So:        a client written with it sends $/cancelRequest by notify() and leaves the future alone. A client of a server
#            written with it must not wait for the answer to what it has cancelled.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download python3-pylsp-jsonrpc=1.0.0-3 >/dev/null 2>&1
dpkg -x python3-pylsp-jsonrpc_1.0.0-3_all.deb debian

cat >try.py <<'PY'
import io, json, logging, threading, time
from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.streams import JsonRpcStreamReader

logging.disable(logging.CRITICAL)


def serve(cancelled):
    """What a server with one worker answers to two requests, of which the second waits."""
    answers, free = [], threading.Event()
    endpoint = Endpoint({'slow': lambda _: lambda: free.wait(20)}, answers.append, max_workers=1)
    for number in (1, 2):
        endpoint.consume({'jsonrpc': '2.0', 'id': number, 'method': 'slow'})
    if cancelled:
        endpoint.consume({'jsonrpc': '2.0', 'method': '$/cancelRequest', 'params': {'id': 2}})
    free.set()
    endpoint.shutdown()
    time.sleep(0.5)
    return sorted(answer['id'] for answer in answers)


def call(how, answer):
    """What a client reads of the answers to two requests, the first of which it has cancelled."""
    sent = []
    endpoint = Endpoint({}, sent.append, id_generator=iter((1, 2)).__next__)
    first, second = endpoint.request('m'), endpoint.request('m')
    if how == 'future':
        first.cancel()
    else:
        endpoint.notify('$/cancelRequest', {'id': 1})
    assert sent[2]['method'] == '$/cancelRequest' and sent[2]['params'] == {'id': 1}
    frames = b''
    for message in ({'jsonrpc': '2.0', 'id': 1, **answer}, {'jsonrpc': '2.0', 'id': 2, 'result': 'fine'}):
        body = json.dumps(message).encode()
        frames += b'Content-Length: %d\r\n\r\n' % len(body) + body
    try:
        JsonRpcStreamReader(io.BytesIO(frames)).listen(endpoint.consume)
        end = 'end of input'
    except Exception as error:
        end = type(error).__name__
    return f'{end}, the other request has its answer: {second.done()}'


error = {'error': {'code': -32800, 'message': 'cancelled'}}
seen = [
    f'server answers {serve(False)}, after a cancellation {serve(True)}',
    f'client, by its future, error: {call("future", error)}',
    f'client, by its future, result: {call("future", {"result": 1})}',
    f'client, by notify: {call("notify", error)}',
]
print('\n'.join(seen))
assert seen == [
    'server answers [1, 2], after a cancellation [1]',
    'client, by its future, error: InvalidStateError, the other request has its answer: False',
    'client, by its future, result: InvalidStateError, the other request has its answer: False',
    'client, by notify: end of input, the other request has its answer: True',
]
PY
PYTHONPATH="$work/debian/usr/lib/python3/dist-packages" timeout 60 /usr/bin/python3 try.py
