#!/usr/bin/env bash
# StreamJsonRpc closes the connection at a response that it cannot match, even the one with a null id that JSON-RPC prescribes.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), vscode-jsonrpc 10.0.0 (npm), .NET 10, Node 20.
# Guess:     a response with an unknown id is logged and ignored, as vscode-jsonrpc does. So is an error whose id is null: the
#            specification wants it for a message that the server could not read, so it is never the answer to a known request.
# Seen:      both formatters close the connection (RemoteProtocolViolation, without an exception that says why), and every
#            call that waits ends with ConnectionLostException, also the one whose answer follows. With an id that came back
#            as the string "2" for the number 2 the formatters differ: Newtonsoft's takes it for the same, System.Text.Json's
#            closes.
# So:        a server must not report one bad message, or a fault of its own, as an error with a null id and continue: for a
#            .NET client that is the end of every call. It keeps that for when it ends anyway, and echoes ids as written.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
npm install --silent --no-audit --no-fund vscode-jsonrpc@10.0.0

# Before each answer comes one more message, in which ID stands for the id of the request.
export UNKNOWN='{"jsonrpc":"2.0","id":99,"result":1}'
export NULL_ID='{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"unreadable"}}'
export AS_TEXT='{"jsonrpc":"2.0","id":"ID","result":7}'

cat >try.cs <<'CS'
#:package StreamJsonRpc@2.26.150
#:property PublishAot=false
using System.Text;
using System.Text.RegularExpressions;
using Nerdbank.Streams;
using StreamJsonRpc;

Func<IJsonRpcMessageFormatter>[] makers = [() => new JsonMessageFormatter(), () => new SystemTextJsonFormatter()];
foreach (var make in makers)
foreach (var name in new[] { "UNKNOWN", "NULL_ID", "AS_TEXT" })
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, make()));
    var reason = new TaskCompletionSource<string>();
    rpc.Disconnected += (_, ended) => reason.TrySetResult(ended.Reason.ToString());
    rpc.StartListening();
    var call = rpc.InvokeAsync<int>("m");
    var id = "";
    for (var request = ""; id == ""; id = Regex.Match(request, "\"id\":(\\d+).*}").Groups[1].Value)
    {
        var buffer = new byte[1000];
        request += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
    }
    var first = Environment.GetEnvironmentVariable(name)!.Replace("ID", id);
    foreach (var text in new[] { first, $$"""{"jsonrpc":"2.0","id":{{id}},"result":8}""" })
    {
        // The other side may have closed by now.
        try { await far.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {text.Length}\r\n\r\n{text}")); }
        catch (Exception) { }
    }
    string outcome;
    try { outcome = $"{await call.WaitAsync(TimeSpan.FromSeconds(20))}"; }
    catch (Exception error) { outcome = $"{error.GetType().Name}, {await reason.Task.WaitAsync(TimeSpan.FromSeconds(20))}"; }
    Console.WriteLine($"{make().GetType().Name} {name}: {outcome}");
}
CS
cat >try.cjs <<'JS'
const { PassThrough } = require('node:stream');
const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require('vscode-jsonrpc/node');
async function main() {
  for (const name of ['UNKNOWN', 'NULL_ID']) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const silent = { error() {}, warn() {}, info() {}, log() {} };
    const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output), silent);
    let state = 'open';
    connection.onClose(() => (state = 'closed'));
    connection.listen();
    const call = connection.sendRequest('m');
    const [request] = await require('node:events').once(output, 'data');
    let text = String(request);
    while (!text.endsWith('}')) text += String((await require('node:events').once(output, 'data'))[0]);
    const id = JSON.parse(text.slice(text.indexOf('{'))).id;
    for (const reply of [process.env[name], JSON.stringify({ jsonrpc: '2.0', id, result: 8 })]) {
      input.write(`Content-Length: ${reply.length}\r\n\r\n${reply}`);
    }
    console.log(`vscode-jsonrpc ${name}: ${await call}, ${state}`);
    connection.dispose();
  }
}
main();
JS
cat >expected <<'TEXT'
JsonMessageFormatter UNKNOWN: ConnectionLostException, RemoteProtocolViolation
JsonMessageFormatter NULL_ID: ConnectionLostException, RemoteProtocolViolation
JsonMessageFormatter AS_TEXT: 7
SystemTextJsonFormatter UNKNOWN: ConnectionLostException, RemoteProtocolViolation
SystemTextJsonFormatter NULL_ID: ConnectionLostException, RemoteProtocolViolation
SystemTextJsonFormatter AS_TEXT: ConnectionLostException, RemoteProtocolViolation
vscode-jsonrpc UNKNOWN: 8, open
vscode-jsonrpc NULL_ID: 8, open
TEXT
{ timeout 300 dotnet run try.cs && timeout 60 node try.cjs; } | tee seen
diff expected seen
