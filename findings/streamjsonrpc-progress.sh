#!/usr/bin/env bash
# StreamJsonRpc's first progress token is 0, and reports that do not fit the handler's type vanish without a word.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), .NET 10.
# Guess:     the token of an IProgress<int> is something unique that is never empty. A report with another kind of value fails
#            the call or ends the connection, as a result of another kind does.
# Seen:      tokens are 0, 1, 2 and so on. A null or a text for the int is dropped, and the next report comes as usual; 1.5 is
#            dropped under System.Text.Json and becomes 2 under Newtonsoft. Of a record with an int the whole report is dropped
#            where that is null; where it is missing the report comes, with 0.
# So:        a server looks whether a token is there, not whether it is true: else the first call of each client reports
#            nothing. What may be null in a report is int? or double? on the .NET side.
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
using StreamJsonRpc;

async Task<string> Try<T>(IJsonRpcMessageFormatter formatter, params string[] values)
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, formatter));
    rpc.StartListening();
    async Task<JsonNode> Receive()
    {
        var text = "";
        while (!text.EndsWith('}'))
        {
            var buffer = new byte[1000];
            text += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
        }
        return JsonNode.Parse(text[text.IndexOf('{')..])!;
    }
    Task Send(string text) => far.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {text.Length}\r\n\r\n{text}")).AsTask();
    var reports = new List<string>();
    IProgress<T> progress = new Handler<T>(reports);
    // A call before, so that tokens can be seen to count.
    var warmUp = rpc.InvokeWithParameterObjectAsync<int>("m", new { progress });
    var first = await Receive();
    await Send($$"""{"jsonrpc":"2.0","id":{{first["id"]}},"result":1}""");
    await warmUp;
    var call = rpc.InvokeWithParameterObjectAsync<int>("m", new { progress });
    var second = await Receive();
    var token = second["params"]!["progress"];
    foreach (var value in values)
    {
        await Send($$$"""{"jsonrpc":"2.0","method":"$/progress","params":{"token":{{{token}}},"value":{{{value}}}}}""");
    }
    await Send($$"""{"jsonrpc":"2.0","id":{{second["id"]}},"result":1}""");
    await call.WaitAsync(TimeSpan.FromSeconds(20));
    return $"tokens {first["params"]!["progress"]} {token}, reports [{string.Join(' ', reports)}]";
}

Func<IJsonRpcMessageFormatter>[] makers = [() => new JsonMessageFormatter(), () => new SystemTextJsonFormatter()];
foreach (var make in makers)
{
    var name = make().GetType().Name;
    Console.WriteLine($"{name}, int: {await Try<int>(make(), "10", "null", "\"x\"", "1.5", "20")}");
    Console.WriteLine($"{name}, int?: {await Try<int?>(make(), "10", "null", "20")}");
    Console.WriteLine($"{name}, record: {await Try<State>(make(), "{\"percent\":10}", "{\"percent\":null}", "{}", "{\"percent\":20}")}");
}

record State(int percent)
{
    public override string ToString() => $"{percent}%";
}

class Handler<T>(List<string> reports) : IProgress<T>
{
    public void Report(T value) => reports.Add(value?.ToString() ?? "null");
}
CS
cat >expected <<'TEXT'
JsonMessageFormatter, int: tokens 0 1, reports [10 2 20]
JsonMessageFormatter, int?: tokens 0 1, reports [10 null 20]
JsonMessageFormatter, record: tokens 0 1, reports [10% 0% 20%]
SystemTextJsonFormatter, int: tokens 0 1, reports [10 20]
SystemTextJsonFormatter, int?: tokens 0 1, reports [10 null 20]
SystemTextJsonFormatter, record: tokens 0 1, reports [10% 0% 20%]
TEXT
timeout 300 dotnet run try.cs | tee seen
diff expected seen
