#!/usr/bin/env bash
# StreamJsonRpc closes the connection at an id that comes back as 2.0, and one formatter at an error code like that, or 64 levels.
#
# Versions:  StreamJsonRpc 2.26.150 (NuGet), .NET 10.
# Guess:     2 and 2.0 are one number in JSON, so both formatters find the call of an id, and read an int, from either. What one
#            of them cannot read in a result fails that call alone.
# Seen:      an id 2.0 ends the connection with both (ParseError, StreamError). An error code 5.0 does so with
#            SystemTextJsonFormatter only, and so does a result of 64 levels, which is a damaged message to it; for
#            JsonMessageFormatter 65 levels fail the call. A result 5.0 for an int fails the call by System.Text.Json, while
#            Newtonsoft also takes "5" for 5, 5.7 for 6, and true for the text "True". A code above the range of an int, as an
#            HRESULT without its sign, comes out as the negative number with both.
# So:        a server echoes ids in the client's spelling, and writes codes and counts without a point, which a language whose
#            only number is a double may not do by itself. A tree as a result stays below 64 levels.
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

/// How a call ends that asks for T, where the rest of the answer is given, and what becomes of the connection.
async Task<string> Ask<T>(IJsonRpcMessageFormatter formatter, string rest, string idSuffix = "")
{
    var (near, far) = FullDuplexStream.CreatePair();
    using var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(near, near, formatter));
    var closed = "";
    rpc.Disconnected += (_, ended) => closed = $", closed {ended.Reason}";
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
    var call = rpc.InvokeAsync<T>("m");
    var request = await Receive();
    await Send($$"""{"jsonrpc":"2.0","id":{{request["id"]}}{{idSuffix}},{{rest}}}""");
    string how;
    try
    {
        var value = await call.WaitAsync(TimeSpan.FromSeconds(20));
        how = value is int or string ? $"{value}" : "a result";
    }
    catch (RemoteInvocationException error)
    {
        how = $"error {error.ErrorCode}";
    }
    catch (Exception error)
    {
        how = error.GetType().Name;
    }
    if (how != nameof(ConnectionLostException))
    {
        // The connection still works where a second call gets its answer.
        var second = rpc.InvokeAsync<int>("m");
        await Send($$"""{"jsonrpc":"2.0","id":{{(await Receive())["id"]}},"result":1}""");
        await second.WaitAsync(TimeSpan.FromSeconds(20));
    }
    return how + closed;
}

string Nested(int levels) => $"\"result\":{new string('[', levels)}{new string(']', levels)}";
Func<IJsonRpcMessageFormatter>[] makers = [() => new JsonMessageFormatter(), () => new SystemTextJsonFormatter()];
foreach (var make in makers)
{
    var name = make().GetType().Name;
    Console.WriteLine($"{name}, id with a point: {await Ask<int>(make(), "\"result\":5", ".0")}");
    Console.WriteLine($"{name}, code with a point: {await Ask<int>(make(), "\"error\":{\"code\":5.0,\"message\":\"x\"}")}");
    Console.WriteLine($"{name}, code without sign: {await Ask<int>(make(), "\"error\":{\"code\":2147942405,\"message\":\"x\"}")}");
    Console.WriteLine($"{name}, int 5.0: {await Ask<int>(make(), "\"result\":5.0")}");
    Console.WriteLine($"{name}, int 5.7: {await Ask<int>(make(), "\"result\":5.7")}");
    Console.WriteLine($"{name}, int \"5\": {await Ask<int>(make(), "\"result\":\"5\"")}");
    Console.WriteLine($"{name}, string true: {await Ask<string>(make(), "\"result\":true")}");
    foreach (var levels in new[] { 63, 64, 65 })
    {
        Console.WriteLine($"{name}, {levels} levels: {await Ask<object>(make(), Nested(levels))}");
    }
}
CS
cat >expected <<'TEXT'
JsonMessageFormatter, id with a point: ConnectionLostException, closed ParseError
JsonMessageFormatter, code with a point: error 5
JsonMessageFormatter, code without sign: error -2147024891
JsonMessageFormatter, int 5.0: 5
JsonMessageFormatter, int 5.7: 6
JsonMessageFormatter, int "5": 5
JsonMessageFormatter, string true: True
JsonMessageFormatter, 63 levels: a result
JsonMessageFormatter, 64 levels: a result
JsonMessageFormatter, 65 levels: JsonSerializationException
SystemTextJsonFormatter, id with a point: ConnectionLostException, closed StreamError
SystemTextJsonFormatter, code with a point: ConnectionLostException, closed StreamError
SystemTextJsonFormatter, code without sign: error -2147024891
SystemTextJsonFormatter, int 5.0: JsonException
SystemTextJsonFormatter, int 5.7: JsonException
SystemTextJsonFormatter, int "5": JsonException
SystemTextJsonFormatter, string true: JsonException
SystemTextJsonFormatter, 63 levels: a result
SystemTextJsonFormatter, 64 levels: ConnectionLostException, closed StreamError
SystemTextJsonFormatter, 65 levels: ConnectionLostException, closed StreamError
TEXT
timeout 300 dotnet run try.cs | tee seen
diff expected seen
