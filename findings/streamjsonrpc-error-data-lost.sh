#!/usr/bin/env bash
# Under StreamJsonRpc's System.Text.Json formatter the raw data of an error is gone; under Newtonsoft's it is all there.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), .NET 10.
# Guess:     RemoteInvocationException.ErrorData holds the data as it came, a JObject or a JsonElement by formatter, and only
#            DeserializedErrorData is the attempt to make StreamJsonRpc's own CommonErrorData of it.
# Seen:      under SystemTextJsonFormatter both are that CommonErrorData, whatever the error code. Members it does not know are
#            dropped, and what is left is an object full of nulls: it does not look like a failure to read. Data that are no
#            object arrive, as a JsonElement. Under JsonMessageFormatter ErrorData is the whole JObject.
# So:        a .NET client of a server with error data of its own derives from JsonRpc and returns its type, or JsonElement,
#            from GetErrorDetailsDataType. A server that documents its data should say so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"

cat >try.cs <<'CS'
#:package StreamJsonRpc@2.26.150
#:property PublishAot=false
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nerdbank.Streams;
using Newtonsoft.Json.Linq;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

string Shown(object? data) => data switch
{
    JToken token => "whole " + token.ToString(Newtonsoft.Json.Formatting.None),
    JsonElement element => "whole " + element.GetRawText(),
    CommonErrorData common => $"CommonErrorData, its message {common.Message ?? "null"}",
    _ => $"{data}",
};

async Task Try(string name, IJsonRpcMessageFormatter formatter, bool derived, string data)
{
    var (near, far) = FullDuplexStream.CreatePair();
    var handler = new HeaderDelimitedMessageHandler(near, near, formatter);
    using var rpc = derived ? new Reader(handler) : new JsonRpc(handler);
    rpc.StartListening();
    var call = rpc.InvokeAsync("m");
    var id = "";
    for (var request = ""; id == ""; id = Regex.Match(request, "\"id\":(\\d+).*}").Groups[1].Value)
    {
        var buffer = new byte[1000];
        request += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
    }
    var text = $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":-32050,"message":"refused","data":{{{data}}} }}""";
    await far.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {text.Length}\r\n\r\n{text}"));
    try { await call.WaitAsync(TimeSpan.FromSeconds(20)); }
    catch (RemoteInvocationException error)
    {
        Console.WriteLine($"{name} {data}: {Shown(error.ErrorData)} / {Shown(error.DeserializedErrorData)}");
    }
}

const string own = """{"kind":"Blocked","apps":["A"]}""";
await Try("Newtonsoft", new JsonMessageFormatter(), false, own);
await Try("System.Text.Json", new SystemTextJsonFormatter(), false, own);
await Try("System.Text.Json", new SystemTextJsonFormatter(), false, "\"Blocked\"");
await Try("System.Text.Json, derived", new SystemTextJsonFormatter(), true, own);

class Reader(IJsonRpcMessageHandler handler) : JsonRpc(handler)
{
    protected override Type? GetErrorDetailsDataType(JsonRpcError error) => typeof(JsonElement);
}
CS
cat >expected <<'TEXT'
Newtonsoft {"kind":"Blocked","apps":["A"]}: whole {"kind":"Blocked","apps":["A"]} / CommonErrorData, its message null
System.Text.Json {"kind":"Blocked","apps":["A"]}: CommonErrorData, its message null / CommonErrorData, its message null
System.Text.Json "Blocked": whole "Blocked" / whole "Blocked"
System.Text.Json, derived {"kind":"Blocked","apps":["A"]}: whole {"kind":"Blocked","apps":["A"]} / whole {"kind":"Blocked","apps":["A"]}
TEXT
timeout 300 dotnet run try.cs | tee seen
diff expected seen
