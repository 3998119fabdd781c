#!/usr/bin/env bash
# With StreamJsonRpc's default formatter one null for a value type ends the connection, not the call.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), .NET 10.
# Guess:     InvokeAsync<int> rejects when the server answers null, and so does a result of another kind, such as a text. The
#            other calls continue.
# Seen:      with JsonMessageFormatter, which the constructors with streams take, the null counts as a damaged message: the
#            connection closes (ParseError) and a call that has nothing to do with it ends with ConnectionLostException. A
#            text for the int fails its own call alone. With SystemTextJsonFormatter both do, and the other call gets its
#            result. A null for int? is a result with either.
# So:        where a server may answer null, its .NET contract must say int?, bool?, DateTime? and so on; a server that begins
#            to answer null where there was a number takes such clients off the wire.
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
using System.Text.RegularExpressions;
using Nerdbank.Streams;
using StreamJsonRpc;

async Task<string> Try<T>(IJsonRpcMessageFormatter formatter, string result)
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, formatter));
    rpc.StartListening();
    var call = rpc.InvokeAsync<T>("first");
    var other = rpc.InvokeAsync<string>("other");
    MatchCollection ids;
    var sent = "";
    do
    {
        var buffer = new byte[1000];
        sent += Encoding.UTF8.GetString(buffer, 0, await far.ReadAsync(buffer));
        ids = Regex.Matches(sent, "\"id\":(\\d+).*?}");
    } while (ids.Count < 2);
    foreach (var (at, value) in new[] { (0, result), (1, "\"fine\"") })
    {
        var text = $$"""{"jsonrpc":"2.0","id":{{ids[at].Groups[1].Value}},"result":{{value}}}""";
        // The other side may have closed by now.
        try { await far.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {text.Length}\r\n\r\n{text}")); }
        catch (Exception) { }
    }
    async Task<string> Outcome<U>(Task<U> task)
    {
        try { return $"{await task.WaitAsync(TimeSpan.FromSeconds(20))}"; }
        catch (Exception error) { return error.GetType().Name; }
    }
    return $"[{await Outcome(call)}], the other call [{await Outcome(other)}]";
}

Func<IJsonRpcMessageFormatter>[] makers = [() => new JsonMessageFormatter(), () => new SystemTextJsonFormatter()];
foreach (var make in makers)
{
    var name = make().GetType().Name;
    Console.WriteLine($"{name}, null for int: {await Try<int>(make(), "null")}");
    Console.WriteLine($"{name}, null for int?: {await Try<int?>(make(), "null")}");
    Console.WriteLine($"{name}, text for int: {await Try<int>(make(), "\"none\"")}");
}
CS
cat >expected <<'TEXT'
JsonMessageFormatter, null for int: [ConnectionLostException], the other call [ConnectionLostException]
JsonMessageFormatter, null for int?: [], the other call [fine]
JsonMessageFormatter, text for int: [JsonSerializationException], the other call [fine]
SystemTextJsonFormatter, null for int: [JsonException], the other call [fine]
SystemTextJsonFormatter, null for int?: [], the other call [fine]
SystemTextJsonFormatter, text for int: [JsonException], the other call [fine]
TEXT
timeout 300 dotnet run try.cs | tee seen
diff expected seen
