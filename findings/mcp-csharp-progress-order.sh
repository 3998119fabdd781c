#!/usr/bin/env bash
# The C# client of MCP reports progress that came in order in any order, reversed too, and loses some that came before the result.
#
# Versions:  ModelContextProtocol.Core 2.4.0 (NuGet), .NET 10, a client and a server in one process.
# Guess:     what the server sends in order over one stream reaches an IProgress<T> of one's own in that order, and all that came
#            before the result is reported before the call returns. Only Progress<T>, which posts to a thread, mixes them up.
# Seen:      on the wire 200 notifications are in order, and the result is last. The client handles each message on its own: the
#            values fall again and again, the last one reported may be 1, and once the result is handled the rest is dropped
#            without a word. The same holds where the server awaits each notification. With two milliseconds between them the
#            order is kept nearly always.
# So:        a progress bar keeps the highest value and shows 100 % when the call returns. What must not get lost belongs in
#            the result. A server leaves time between two.
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
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

const int Count = 200;
var toServer = new Pipe();
var toClient = new Pipe();
var tap = new Tap(toClient.Reader.AsStream());

var update = McpServerTool.Create(async Task<string> (McpServer self, RequestContext<CallToolRequestParams> context) =>
{
    for (var i = 1; i <= Count; i++)
    {
        await self.SendNotificationAsync("notifications/progress", new ProgressNotificationParams
        {
            ProgressToken = context.Params.ProgressToken.Value,
            Progress = new() { Progress = i },
        });
    }
    return "done";
}, new() { Name = "update" });
await using var server = McpServer.Create(
    new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
    new() { ServerInfo = new() { Name = "server", Version = "1" }, ToolCollection = [update] });
_ = server.RunAsync();
await using var client = await McpClient.CreateAsync(new StreamClientTransport(toServer.Writer.AsStream(), tap));

static bool InOrder(List<int> values) => values.Zip(values.Skip(1)).All(pair => pair.First < pair.Second);

bool wireInOrder = true, wireComplete = true, resultLast = true, clientInOrder = true, clientComplete = true;
for (var round = 0; round < 50 && (clientInOrder || clientComplete); round++)
{
    tap.Seen.SetLength(0);
    var reported = new List<int>();
    await client.CallToolAsync("update", progress: new Each(value => { lock (reported) reported.Add(value); }));
    await Task.Delay(200);
    var messages = Encoding.UTF8.GetString(tap.Seen.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)).ToList();
    var sent = messages.Where(message => message["method"] is not null).Select(message => (int)(double)message["params"]["progress"]).ToList();
    wireInOrder &= InOrder(sent);
    wireComplete &= sent.Count == Count;
    resultLast &= messages[^1]["result"] is not null;
    lock (reported)
    {
        clientInOrder &= InOrder(reported);
        clientComplete &= reported.Count == Count;
    }
}
Console.WriteLine($"on the wire: in order {wireInOrder}, all {wireComplete}, the result last {resultLast}");
Console.WriteLine($"reported by the client: in order {clientInOrder}, all {clientComplete}");

class Each(Action<int> report) : IProgress<ProgressNotificationValue>
{
    public void Report(ProgressNotificationValue value) => report((int)value.Progress);
}

/// <summary>Keeps what is read through it.</summary>
class Tap(Stream inner) : Stream
{
    public MemoryStream Seen { get; } = new();
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancelled = default)
    {
        var count = await inner.ReadAsync(buffer, cancelled);
        Seen.Write(buffer.Span[..count]);
        return count;
    }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
CS
timeout 420 dotnet run try.cs 2>/dev/null | tee seen
cat >expected <<'TEXT'
on the wire: in order True, all True, the result last True
reported by the client: in order False, all False
TEXT
diff expected seen
