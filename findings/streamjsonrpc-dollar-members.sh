#!/usr/bin/env bash
# StreamJsonRpc's default formatter takes a result that is a JSON Schema reference for its own metadata, and gives null for it.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), .NET 10.
# Guess:     what a server sends arrives, as a JToken where the caller asks for object or as the members of a class. Newtonsoft's
#            $ref, $id and $values mean something only where references are preserved, which is off by default.
# Seen:      with JsonMessageFormatter {"$ref":"#/c/A"} is null for object, for a dictionary and for a class, and so is the
#            member of a class or a dictionary whose value is such an object. {"$id":"i","a":1} loses its first member,
#            {"$values":[1]} is the list alone, and a reference with another member beside it fails the call, as the params
#            of a request too. Nothing is told. A caller that asks for JToken gets all of it, as with the formatter for
#            System.Text.Json. JsonSerializer.MetadataPropertyHandling = Ignore turns it off.
# So:        a .NET client that reads schemas, such as the OpenRPC document of rpc.discover, asks for JToken or sets Ignore. A
#            server does not name members $id, $ref, $type or $values in results of its own.
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
using System.Text.Json.Nodes;
using Nerdbank.Streams;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using StreamJsonRpc;

async Task<string> Receive(Stream far)
{
    var text = "";
    while (!text.EndsWith('}'))
    {
        var buffer = new byte[1000];
        text += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
    }
    return text[text.IndexOf('{')..];
}
Task Send(Stream far, string text) => far.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {text.Length}\r\n\r\n{text}")).AsTask();
string Shown(object? value) => value is null ? "null" : value is JToken token ? token.ToString(Formatting.None) : value.ToString()!;

/// What a caller that asks for T gets for a result.
async Task<string> Ask<T>(IJsonRpcMessageFormatter formatter, string result)
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, formatter));
    rpc.StartListening();
    var call = rpc.InvokeAsync<T>("m");
    var id = JsonNode.Parse(await Receive(far))!["id"];
    await Send(far, $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""");
    try
    {
        return Shown(await call.WaitAsync(TimeSpan.FromSeconds(20)));
    }
    catch (Exception error)
    {
        return error.GetType().Name;
    }
}

/// What a method gets for a list of params.
async Task<string> Serve(IJsonRpcMessageFormatter formatter, string list)
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, formatter));
    rpc.AddLocalRpcMethod("m", (object value) => Shown(value));
    rpc.StartListening();
    await Send(far, $$"""{"jsonrpc":"2.0","id":1,"method":"m","params":{{list}}}""");
    var answer = JsonNode.Parse(await Receive(far))!;
    return answer["error"] is { } error ? $"error {error["code"]}" : (string)answer["result"]!;
}

Func<IJsonRpcMessageFormatter> newtonsoft = () => new JsonMessageFormatter();
Func<IJsonRpcMessageFormatter> text = () => new SystemTextJsonFormatter();
Func<IJsonRpcMessageFormatter> ignoring = () =>
{
    var formatter = new JsonMessageFormatter();
    formatter.JsonSerializer.MetadataPropertyHandling = MetadataPropertyHandling.Ignore;
    return formatter;
};
const string Reference = """{"$ref":"#/c/A"}""";
string[] results = [Reference, """{"$id":"i","a":1}""", """{"$values":[1]}""", """{"$ref":"#/c/A","a":1}"""];
foreach (var result in results)
{
    Console.WriteLine($"{result} as object: {await Ask<object>(newtonsoft(), result)}");
    Console.WriteLine($"{result} as JToken: {await Ask<JToken>(newtonsoft(), result)}");
    Console.WriteLine($"{result} with Ignore: {await Ask<object>(ignoring(), result)}");
    Console.WriteLine($"{result} as params: {await Serve(newtonsoft(), $"[{result}]")}");
    Console.WriteLine($"{result} by System.Text.Json: {await Ask<object>(text(), result)}");
}
Console.WriteLine($"as a dictionary: {await Ask<Dictionary<string, object>>(newtonsoft(), Reference)}");
Console.WriteLine($"in a dictionary: {await Ask<Entries>(newtonsoft(), $$"""{"schema":{{Reference}}}""")}");
Console.WriteLine($"in a class: {await Ask<Content>(newtonsoft(), $$"""{"name":"n","schema":{{Reference}}}""")}");

class Entries : Dictionary<string, object?>
{
    public override string ToString() => string.Join(' ', this.Select(pair => $"{pair.Key} {pair.Value ?? "null"}"));
}

record Content(string? name, object? schema);
CS
cat >expected <<'TEXT'
{"$ref":"#/c/A"} as object: null
{"$ref":"#/c/A"} as JToken: {"$ref":"#/c/A"}
{"$ref":"#/c/A"} with Ignore: {"$ref":"#/c/A"}
{"$ref":"#/c/A"} as params: null
{"$ref":"#/c/A"} by System.Text.Json: {"$ref":"#/c/A"}
{"$id":"i","a":1} as object: {"a":1}
{"$id":"i","a":1} as JToken: {"$id":"i","a":1}
{"$id":"i","a":1} with Ignore: {"$id":"i","a":1}
{"$id":"i","a":1} as params: {"a":1}
{"$id":"i","a":1} by System.Text.Json: {"$id":"i","a":1}
{"$values":[1]} as object: [1]
{"$values":[1]} as JToken: {"$values":[1]}
{"$values":[1]} with Ignore: {"$values":[1]}
{"$values":[1]} as params: [1]
{"$values":[1]} by System.Text.Json: {"$values":[1]}
{"$ref":"#/c/A","a":1} as object: JsonSerializationException
{"$ref":"#/c/A","a":1} as JToken: {"$ref":"#/c/A","a":1}
{"$ref":"#/c/A","a":1} with Ignore: {"$ref":"#/c/A","a":1}
{"$ref":"#/c/A","a":1} as params: error -32602
{"$ref":"#/c/A","a":1} by System.Text.Json: {"$ref":"#/c/A","a":1}
as a dictionary: null
in a dictionary: schema null
in a class: Content { name = n, schema =  }
TEXT
timeout 300 dotnet run try.cs | tee seen
diff expected seen
