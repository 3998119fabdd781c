// Drives a whole session and prints what it saw as JSON: client FORMATTER NODE BRIDGE ARGUMENT...
using System.Text.Json;
using Newtonsoft.Json.Serialization;
using StreamJsonRpc;

using var process = Bridge.Start(args[1], args[2..]);
using var bridge = new Bridge(process, FormatterOf(args[0]));
bridge.StartListening();

var initialized = await bridge.InvokeWithParameterObjectAsync<Initialized>(
    "initialize", new { protocolVersion = 1, client = new { name = "StreamJsonRpc", version = "2.26" } });

// By position: no argument is [], one object is [{...}].
var pings = 0;
for (; pings < 200; pings++) await bridge.InvokeAsync("bridge/ping");
var waited = await bridge.InvokeAsync<Status>("c2r/wait", new { pollMs = 100 });

var phases = new List<string>();
IProgress<BridgeProgress> progressToken = new Reporter(progress => phases.Add(progress.Phase));
// What a program has not set goes out as null.
var request = new UpdateRequest { PollMs = 100, ProgressToken = progressToken };
var updated = await bridge.InvokeWithParameterObjectAsync<Updated>("c2r/update", request, CancellationToken.None);

// A generated client, whose methods take one object.
var proxy = bridge.Attach<IOffice>(new JsonRpcProxyOptions { MethodNameTransform = name => $"c2r/{name}" });
var proxied = await proxy.WaitAsync(new WaitRequest(100));

var invalid = await FailureOf(bridge.InvokeWithParameterObjectAsync<object>("bridge/ping", new { unknown = 1 }));
var absent = await FailureOf(bridge.InvokeWithParameterObjectAsync<object>("no/method", new { }));

// What a proxy for named arguments sends: the bridge refuses the unknown one where it arrives.
var named = bridge.Attach<IPing>(new JsonRpcProxyOptions { ServerRequiresNamedArguments = true });
var namedArguments = await FailureOf(named.PingAsync(1));

using var cancellation = new CancellationTokenSource();
var reporter = new Reporter(_ => cancellation.Cancel());
var cancelled = false;
try
{
    await bridge.InvokeWithParameterObjectAsync<Status>(
        "c2r/download", new { wait = true, pollMs = 100, progressToken = (IProgress<BridgeProgress>)reporter }, cancellation.Token);
}
catch (OperationCanceledException)
{
    cancelled = true;
}
var afterwards = await bridge.InvokeWithParameterObjectAsync<Status>("c2r/wait", new { timeoutMs = 10_000, pollMs = 100 });

await bridge.InvokeAsync("shutdown");
await bridge.NotifyAsync("exit");
await process.WaitForExitAsync();
Console.WriteLine(JsonSerializer.Serialize(
    new { initialized, pings, waited, updated, phases, proxied, invalid, absent, namedArguments, cancelled, afterwards, exitCode = process.ExitCode },
    new JsonSerializerOptions(JsonSerializerDefaults.Web)));

static IJsonRpcMessageFormatter FormatterOf(string name) => name switch
{
    "SystemTextJson" => new SystemTextJsonFormatter
    {
        JsonSerializerOptions = { PropertyNamingPolicy = JsonNamingPolicy.CamelCase },
    },
    "Newtonsoft" => new JsonMessageFormatter
    {
        JsonSerializer = { ContractResolver = new CamelCasePropertyNamesContractResolver() },
    },
    _ => throw new ArgumentException(name),
};

static async Task<object> FailureOf(Task call)
{
    try
    {
        await call;
        return "no failure";
    }
    catch (RemoteMethodNotFoundException error)
    {
        return new { code = (int?)error.ErrorCode, data = error.DeserializedErrorData };
    }
    catch (RemoteInvocationException error) when (error.DeserializedErrorData is BridgeError data)
    {
        return new { code = (int?)error.ErrorCode, data };
    }
}

/// <summary>Unlike Progress, in the order of the notifications.</summary>
internal sealed class Reporter(Action<BridgeProgress> report) : IProgress<BridgeProgress>
{
    public void Report(BridgeProgress value) => report(value);
}

public sealed record Server(string Name, string Version);

public sealed record Initialized(int ProtocolVersion, Server Server, string Backend);

public sealed record Status(bool Busy, string Backend);

public sealed record Updated(bool Changed, string? VersionAfter);

public sealed record UpdateRequest
{
    public string? UpdateToVersion { get; init; }
    public int? PollMs { get; init; }
    public int? TimeoutMs { get; init; }
    public IProgress<BridgeProgress>? ProgressToken { get; init; }
}

public sealed record WaitRequest(int? PollMs, int? TimeoutMs = null);

public interface IPing
{
    [JsonRpcMethod("bridge/ping")]
    Task PingAsync(int unknown);
}

public interface IOffice
{
    [JsonRpcMethod("wait")]
    Task<Status> WaitAsync(WaitRequest request);
}
