// The client of src/README.md: what a .NET program needs to drive the bridge through StreamJsonRpc.
using System.Diagnostics;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

/// <summary>The data of every error that the bridge answers with.</summary>
public sealed record BridgeError(string Type, string Recommendation, string? HresultHex, BridgeIssue[]? Issues);

public sealed record BridgeIssue(string Path, string Message);

public sealed record BridgeProgress(string Phase, string Message, double? Percent, long ElapsedMs);

public sealed class Bridge(Process process, IJsonRpcMessageFormatter formatter)
    : JsonRpc(new HeaderDelimitedMessageHandler(
        process.StandardInput.BaseStream, process.StandardOutput.BaseStream, formatter))
{
    /// <summary>Makes RemoteInvocationException.DeserializedErrorData a BridgeError.</summary>
    protected override Type? GetErrorDetailsDataType(JsonRpcError error) => typeof(BridgeError);

    public static Process Start(string node, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(node, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException($"{node} cannot be started.");
}
