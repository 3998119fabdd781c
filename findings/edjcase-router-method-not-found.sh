#!/usr/bin/env bash
# EdjCase's router says "method not found" for wrong params, and fills an object by the exact case of its members, else with zeros.
#
# Versions:  EdjCase.JsonRpc.Router 5.1.9 (NuGet), ASP.NET Core 10.
# Guess:     params that do not fit are -32602, a body that is not JSON is -32700, and an RpcException that a method throws keeps
#            its code and data. "5" is not an int. Names of methods, params and members are all looked at in one way. An id may
#            be any number.
# Seen:      a missing, an unknown or a surplus parameter is -32601, the same as an unknown method; only null for an int is
#            -32602. "5" passes for 5, and 5 for "5". Methods and parameters are found in any case, but the members of an
#            object only in the case of the C# property: {"count": 1} gives an object with 0, and nothing tells. An
#            RpcException is -32603 without data; what the method returns by Error() keeps both. A body that is not JSON is
#            -32600. A request whose id is 1.5 or null runs and gets no answer.
# So:        a client must not take -32601 for "this server is too old". It sends members as C# spells them, or the server sets
#            JsonPropertyName or options for its serializer. Errors are returned, not thrown.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"

cat >try.cs <<'CS'
#:sdk Microsoft.NET.Sdk.Web
#:package EdjCase.JsonRpc.Router@5.1.9
#:property PublishAot=false
#:property Nullable=disable
using System.Text;
using System.Text.Json.Nodes;
using EdjCase.JsonRpc.Common;
using EdjCase.JsonRpc.Router;
using EdjCase.JsonRpc.Router.Abstractions;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddControllers();
builder.Services.AddJsonRpc();
await using var app = builder.Build();
app.UseJsonRpc();
await app.StartAsync();
using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };

async Task Post(string name, string body)
{
    var response = await client.PostAsync(app.Urls.First(), new StringContent(body, Encoding.UTF8, "application/json"));
    var text = await response.Content.ReadAsStringAsync();
    var answer = text == "" ? null : JsonNode.Parse(text);
    var what = answer?["error"] is { } error ? $"error {error["code"]}{(error["data"] is null ? "" : " with data")}"
        : answer is null ? "no answer" : $"result {answer["result"]?.ToJsonString()}";
    Console.WriteLine($"{name}: {what}");
}
Task Call(string name, string parameters, string id = "1") =>
    Post($"{name} {parameters}{(id == "1" ? "" : $", id {id}")}", $$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{name}}","params":{{parameters}}}""");

await Call("add", "[5]");
await Call("ADD", """{"A":5}""");
await Call("add", "{}");
await Call("add", """{"a":5,"c":1}""");
await Call("add", "[5,1,1]");
await Call("add", "[\"5\"]");
await Call("add", "[null]");
await Call("unknown", "[]");
await Call("text", "[5]");
await Call("apply", """[{"Count":1,"Force":true}]""");
await Call("apply", """[{"count":1,"force":true}]""");
await Call("returns", "[]");
await Call("throws", "[]");
foreach (var id in new[] { "0", "\"\"", "1.5", "null" }) await Call("add", "[5]", id);
await Post("not JSON", "{");

[RpcRoute("/")]
public class Calls : RpcController
{
    public int Add(int a, int b = 2) => a + b;
    public string Text(string text) => text;
    public string Apply(Options options) => $"{options.Count} {options.Force}";
    public IRpcMethodResult Returns() => this.Error(7, "in use", new { apps = new[] { "WINWORD.EXE" } });
    public int Throws() => throw new RpcException(7, "in use", null, new { apps = new[] { "WINWORD.EXE" } });
}

public class Options
{
    public int Count { get; set; }
    public bool Force { get; set; }
}
CS
timeout 420 dotnet run try.cs 2>/dev/null | grep -v NU1603 | tee seen
cat >expected <<'TEXT'
add [5]: result 7
ADD {"A":5}: result 7
add {}: error -32601
add {"a":5,"c":1}: error -32601
add [5,1,1]: error -32601
add ["5"]: result 7
add [null]: error -32602
unknown []: error -32601
text [5]: result "5"
apply [{"Count":1,"Force":true}]: result "1 True"
apply [{"count":1,"force":true}]: result "0 False"
returns []: error 7 with data
throws []: error -32603
add [5], id 0: result 7
add [5], id "": result 7
add [5], id 1.5: no answer
add [5], id null: no answer
not JSON: error -32600
TEXT
diff expected seen
