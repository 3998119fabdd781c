#!/usr/bin/env bash
# Of the headers of LSP's frames one reader takes every spelling but no charset at its word, another takes them literally.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), vscode-jsonrpc 10.0.0 (npm), .NET 10, Node 20.
# Guess:     the base protocol points to HTTP, so both take `content-length` and `charset="utf-8"`, and refuse a charset that
#            they do not decode.
# Seen:      StreamJsonRpc closes the connection at either spelling: at the lower-case name because it finds no length, at the
#            quotes because no encoding has such a name. ISO-8859-1 its default formatter decodes as said, the one for
#            System.Text.Json closes. vscode-jsonrpc takes both spellings, never looks at the charset, and reads all as UTF-8.
# So:        a server writes `Content-Length: N`, spelled just so, in UTF-8, and leaves Content-Type out. What one client
#            reads does not prove that a frame is right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
npm install --silent --no-audit --no-fund vscode-jsonrpc@10.0.0

# Each line: the header, before the length is put in for N.
cat >headers <<'TEXT'
Content-Length: N
content-length: N
Content-Length: N|Content-Type: application/vscode-jsonrpc; charset="utf-8"
Content-Length: N|Content-Type: application/vscode-jsonrpc; charset=iso-8859-1
TEXT

cat >try.cs <<'CS'
#:package StreamJsonRpc@2.26.150
#:property PublishAot=false
using System.Text;
using System.Text.RegularExpressions;
using Nerdbank.Streams;
using StreamJsonRpc;

Func<IJsonRpcMessageFormatter>[] makers = [() => new JsonMessageFormatter(), () => new SystemTextJsonFormatter()];
foreach (var make in makers)
foreach (var header in File.ReadAllLines("headers"))
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, make()));
    rpc.StartListening();
    var call = rpc.InvokeAsync<string>("m");
    var id = "";
    for (var request = ""; id == ""; id = Regex.Match(request, "\"id\":(\\d+).*}").Groups[1].Value)
    {
        var buffer = new byte[1000];
        request += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
    }
    // The last letter takes two bytes in UTF-8.
    var body = Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"result":"caf{{'\u00e9'}}"}""");
    var head = Encoding.ASCII.GetBytes(header.Replace("N", $"{body.Length}").Replace("|", "\r\n") + "\r\n\r\n");
    // The other side may close before it has read all.
    try { await far.WriteAsync((byte[])[.. head, .. body]); }
    catch (Exception) { }
    string outcome;
    try { outcome = (await call.WaitAsync(TimeSpan.FromSeconds(20))).Length == 4 ? "read as UTF-8" : "read otherwise"; }
    catch (ConnectionLostException) { outcome = "closed"; }
    Console.WriteLine($"{make().GetType().Name} {header}: {outcome}");
}
CS
cat >try.cjs <<'JS'
const { once } = require('node:events');
const { readFileSync } = require('node:fs');
const { PassThrough } = require('node:stream');
const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = require('vscode-jsonrpc/node');
async function main() {
  for (const header of readFileSync('headers', 'utf8').trim().split('\n')) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
    connection.listen();
    const call = connection.sendRequest('m');
    let text = '';
    while (!text.endsWith('}')) text += String((await once(output, 'data'))[0]);
    const { id } = JSON.parse(text.slice(text.indexOf('{')));
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result: 'caf\u00e9' }));
    input.write(`${header.replace('N', body.length).replace('|', '\r\n')}\r\n\r\n`);
    input.write(body);
    console.log(`vscode-jsonrpc ${header}: ${(await call).length === 4 ? 'read as UTF-8' : 'read otherwise'}`);
    connection.dispose();
  }
}
main();
JS
cat >expected <<'TEXT'
JsonMessageFormatter Content-Length: N: read as UTF-8
JsonMessageFormatter content-length: N: closed
JsonMessageFormatter Content-Length: N|Content-Type: application/vscode-jsonrpc; charset="utf-8": closed
JsonMessageFormatter Content-Length: N|Content-Type: application/vscode-jsonrpc; charset=iso-8859-1: read otherwise
SystemTextJsonFormatter Content-Length: N: read as UTF-8
SystemTextJsonFormatter content-length: N: closed
SystemTextJsonFormatter Content-Length: N|Content-Type: application/vscode-jsonrpc; charset="utf-8": closed
SystemTextJsonFormatter Content-Length: N|Content-Type: application/vscode-jsonrpc; charset=iso-8859-1: closed
vscode-jsonrpc Content-Length: N: read as UTF-8
vscode-jsonrpc content-length: N: read as UTF-8
vscode-jsonrpc Content-Length: N|Content-Type: application/vscode-jsonrpc; charset="utf-8": read as UTF-8
vscode-jsonrpc Content-Length: N|Content-Type: application/vscode-jsonrpc; charset=iso-8859-1: read as UTF-8
TEXT
{ timeout 300 dotnet run try.cs && timeout 60 node try.cjs; } | tee seen
diff expected seen
