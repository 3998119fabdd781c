#!/usr/bin/env bash
# Nethereum's JSON-RPC client takes any answer for its own, makes 0 of a missing result, and rewrites texts that look like a date.
#
# Versions:  Nethereum.JsonRpc.Client 6.1.0 with Newtonsoft.Json 13.0.3 (NuGet), .NET 10.
# Guess:     an answer with another id is refused. A result that is null or missing fails where an int is asked for, and so does
#            5.7 or "5". A text arrives as it is, and a point in time within an object keeps its offset. A request made without an
#            id gets one.
# Seen:      the id of an answer is not looked at. RpcRequest with null as its id goes out as a notification, and the call waits
#            for an answer to it; only the overload that takes the name of the method makes an id. Null and a missing result are
#            0, 5.7 is 6, "5" is 5. "2026-12-01T10:00:00Z" for a string is "12/01/2026 10:00:00", and an offset of two hours is
#            turned into the local time of the computer. Error code, message and data arrive; a code beyond 32 bits, which
#            JSON-RPC allows, is an exception of the JSON reader.
# So:        a transport of one's own compares ids before it hands an answer on. Ask for int? instead of int, and for JToken where
#            a text may look like a date.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home" TZ=UTC LC_ALL=C.UTF-8
mkdir -p "$HOME"
cd "$work"

cat >try.cs <<'CS'
#:package Nethereum.JsonRpc.Client@6.1.0
#:package Newtonsoft.Json@13.0.3
#:property PublishAot=false
#:property Nullable=disable
using Nethereum.JsonRpc.Client;
using Nethereum.JsonRpc.Client.RpcMessages;
using Newtonsoft.Json;

var client = new Canned();

async Task Call<T>(string rest, object id)
{
    client.Answer = $$"""{"jsonrpc":"2.0",{{rest}}}""";
    string got;
    try { got = JsonConvert.SerializeObject(await client.SendRequestAsync<T>(new RpcRequest(id, "status"))); }
    catch (RpcResponseException error) { got = $"error {error.RpcError.Code}, data {JsonConvert.SerializeObject(error.RpcError.Data)}"; }
    catch (Exception error) { got = error.GetType().Name; }
    Console.WriteLine($"{typeof(T).Name}, sent {client.Sent}, answer {rest}: {got}");
}

await Call<string>("\"id\":2,\"result\":\"of another call\"", 1);
await Call<string>("\"id\":1,\"result\":\"fine\"", null);
await Call<int>("\"id\":1,\"result\":null", 1);
await Call<int>("\"id\":1", 1);
await Call<int>("\"id\":1,\"result\":5.7", 1);
await Call<int>("\"id\":1,\"result\":\"5\"", 1);
await Call<string>("\"id\":1,\"result\":\"2026-12-01T10:00:00Z\"", 1);
await Call<Dictionary<string, object>>("\"id\":1,\"result\":{\"at\":\"2026-12-01T10:00:00+02:00\"}", 1);
await Call<int>("\"id\":1,\"error\":{\"code\":7,\"message\":\"in use\",\"data\":[\"WINWORD.EXE\"]}", 1);
await Call<int>("\"id\":1,\"error\":{\"code\":3000000000,\"message\":\"in use\"}", 1);
client.Answer = """{"jsonrpc":"2.0","id":1,"result":""}""";
await client.SendRequestAsync<string>("status");
Console.WriteLine($"by name: {(client.Sent.Contains("\"id\":\"") ? "with" : "without")} an id");

public class Canned : ClientBase
{
    public string Sent, Answer;

    public override Task<RpcResponseMessage> SendAsync(RpcRequestMessage request, string route = null)
    {
        var settings = DefaultJsonSerializerSettingsFactory.BuildDefaultJsonSerializerSettings();
        Sent = JsonConvert.SerializeObject(request, settings);
        return Task.FromResult(JsonConvert.DeserializeObject<RpcResponseMessage>(Answer, settings));
    }

    protected override Task<RpcResponseMessage[]> SendAsync(RpcRequestMessage[] requests) => throw new NotSupportedException();
}
CS
timeout 420 dotnet run try.cs 2>/dev/null | grep -v NU1603 | tee seen
cat >expected <<'TEXT'
String, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":2,"result":"of another call": "of another call"
String, sent {"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":"fine": "fine"
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":null: 0
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1: 0
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":5.7: 6
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":"5": 5
String, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":"2026-12-01T10:00:00Z": "12/01/2026 10:00:00"
Dictionary`2, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"result":{"at":"2026-12-01T10:00:00+02:00"}: {"at":"2026-12-01T08:00:00+00:00"}
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"error":{"code":7,"message":"in use","data":["WINWORD.EXE"]}: error 7, data ["WINWORD.EXE"]
Int32, sent {"id":1,"jsonrpc":"2.0","method":"status","params":[]}, answer "id":1,"error":{"code":3000000000,"message":"in use"}: JsonReaderException
by name: with an id
TEXT
diff expected seen
