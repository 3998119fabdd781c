#!/usr/bin/env bash
# The C# server of MCP has one sentence for a missing argument, a wrong one and a failure, and "2" passes for 2.
#
# Versions:  ModelContextProtocol.Core 2.4.0 (NuGet), .NET 10, a client and a server in one process.
# Guess:     arguments that a tool does not take are the error -32602 and name the parameter, as is an unknown tool. Null for a
#            parameter with a default means the default. The message of an exception arrives, since the model shall read it.
# Seen:      a missing argument, another case of its name, 2.5 or true for an int and an exception of the tool are all one result,
#            isError with "An error occurred invoking 'twice'.", which says neither what nor why. Null for an int with a default
#            is that, too. "2" is 2, and a surplus argument is dropped. Only an McpException brings its message, behind that
#            sentence; an McpProtocolException is a JSON-RPC error with its code, and with what is in its Data. Tools that return
#            null or nothing succeed without content.
# So:        a tool throws McpException with what to do. What it wants checked it takes as JsonElement or text, and checks itself.
#            A client leaves arguments out instead of null.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"

cat >try.cs <<'CS'
#:package ModelContextProtocol.Core@2.4.0
#:property PublishAot=false
#:property Nullable=disable
using System.Collections;
using System.IO.Pipelines;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

var tools = new McpServerPrimitiveCollection<McpServerTool>();
void Add(string name, Delegate method) => tools.Add(McpServerTool.Create(method, new() { Name = name }));
Add("twice", int (int count) => 2 * count);
Add("wait", string (int seconds = 5) => $"{seconds}");
Add("nothing", string () => null);
Add("fails", string () => throw new InvalidOperationException("in use"));
Add("says", string () => throw new McpException("in use"));
Add("refuses", string () => throw new McpProtocolException("in use", (McpErrorCode)7) { Data = { ["apps"] = "WINWORD.EXE" } });

var toServer = new Pipe();
var toClient = new Pipe();
await using var server = McpServer.Create(
    new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
    new() { ServerInfo = new() { Name = "server", Version = "1" }, ToolCollection = tools });
_ = server.RunAsync();
await using var client = await McpClient.CreateAsync(new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()));

async Task Call(string tool, string arguments = "{}")
{
    string got;
    try
    {
        var result = await client.CallToolAsync(tool, JsonSerializer.Deserialize<Dictionary<string, object>>(arguments));
        got = $"{(result.IsError == true ? "isError" : "result")} [{string.Join(", ", result.Content.OfType<TextContentBlock>().Select(block => block.Text))}]";
    }
    catch (McpProtocolException error)
    {
        var data = error.Data.Cast<DictionaryEntry>().Select(entry => $" {entry.Key}={entry.Value}");
        got = $"error {(int)error.ErrorCode}{string.Concat(data)}";
    }
    Console.WriteLine($"{tool} {arguments}: {got}");
}

await Call("twice", """{"count":2}""");
await Call("twice", """{"count":"2"}""");
await Call("twice", """{"count":2,"more":1}""");
await Call("twice", """{"count":2.5}""");
await Call("twice", """{"count":true}""");
await Call("twice", """{"Count":2}""");
await Call("twice");
await Call("wait");
await Call("wait", """{"seconds":null}""");
await Call("nothing");
await Call("fails");
await Call("says");
await Call("refuses");
await Call("unknown");
CS
timeout 420 dotnet run try.cs 2>/dev/null | tee seen
cat >expected <<'TEXT'
twice {"count":2}: result [4]
twice {"count":"2"}: result [4]
twice {"count":2,"more":1}: result [4]
twice {"count":2.5}: isError [An error occurred invoking 'twice'.]
twice {"count":true}: isError [An error occurred invoking 'twice'.]
twice {"Count":2}: isError [An error occurred invoking 'twice'.]
twice {}: isError [An error occurred invoking 'twice'.]
wait {}: result [5]
wait {"seconds":null}: isError [An error occurred invoking 'wait'.]
nothing {}: result []
fails {}: isError [An error occurred invoking 'fails'.]
says {}: isError [An error occurred invoking 'says': in use]
refuses {}: error 7 apps=WINWORD.EXE
unknown {}: error -32602
TEXT
diff expected seen
