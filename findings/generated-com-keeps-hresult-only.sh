#!/usr/bin/env bash
# Behind a generated COM interface of .NET an exception leaves its HRESULT and nothing else, and none at all if that is a success.
#
# Versions:  .NET 10 (SDK 10.0.401) on Linux: GeneratedComInterface and GeneratedComClass, StrategyBasedComWrappers.
# Guess:     as with the built-in COM of .NET: the caller gets an exception of the same type, with the text and the HRESULT of the
#            one that the object threw. An interface that a method hands out has the one wrapper that its pointer has.
# Seen:      the exception at the caller is made of the HRESULT alone. Types with a number of their own come back, with .NET's
#            text for it; TimeoutException is a COMException, and Win32Exception(5) is E_FAIL instead of "access denied". With
#            a success code in it, as Windows Update and BITS have them, a COMException is a plain success at the caller. But
#            an interface of a managed object that a method returns or takes is that object itself: its calls cross nothing,
#            and its exceptions come whole.
# So:        an object that has to say more than a number returns it, as a text or a structure, and does not throw for a
#            partial success. A test of such an object takes its pointer by GetOrCreateComInterfaceForObject, and calls that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"

cat >try.cs <<'CS'
#:property PublishAot=false
#:property AllowUnsafeBlocks=true
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

var wrappers = new StrategyBasedComWrappers();
var pointer = wrappers.GetOrCreateComInterfaceForObject(new Engine(), CreateComInterfaceFlags.None);
var wrapper = wrappers.GetOrCreateObjectForComInstance(pointer, CreateObjectFlags.None);
var engine = (IEngine)wrapper;

string Ask(IEngine engine, int kind)
{
    try
    {
        engine.Run(kind);
        return "no exception";
    }
    catch (Exception error)
    {
        return $"{error.GetType().Name} {error.HResult:X8}, {(error.Message.Contains("WINWORD") ? "own text" : "other text")}, inner {error.InnerException is not null}";
    }
}
for (var kind = 0; kind < Engine.Kinds.Length; kind++)
{
    Console.WriteLine($"{Engine.Kinds[kind]().GetType().Name} {Engine.Kinds[kind]().HResult:X8}: {Ask(engine, kind)}");
}
Console.WriteLine($"same pointer, same wrapper: {ReferenceEquals(wrapper, wrappers.GetOrCreateObjectForComInstance(pointer, CreateObjectFlags.None))}");
var handed = engine.Self();
Console.WriteLine($"handed out by a method: {handed.GetType().Name}, {Ask(handed, 0)}");
engine.Tell(new Sink());

[GeneratedComInterface, Guid("6c0e6d0a-5f0b-4f3b-9d57-0a3c1f6e9b21")]
partial interface IEngine
{
    void Run(int kind);
    IEngine Self();
    void Tell(ISink sink);
}
[GeneratedComInterface, Guid("0b9f4a52-3a6c-4f0e-8c1d-7d2e5b6a9c34")]
partial interface ISink { void Progress(int percent); }

[GeneratedComClass]
partial class Engine : IEngine
{
    const string Text = "WINWORD.EXE is in use";
    public static readonly Func<Exception>[] Kinds =
    [
        () => new InvalidOperationException(Text, new Exception()),
        () => new UnauthorizedAccessException(Text),
        () => new OperationCanceledException(Text),
        () => new TimeoutException(Text),
        () => new Win32Exception(5, Text),
        () => new COMException(Text, unchecked((int)0x80240017)),
        () => new COMException(Text, 0x00240005),
        () => new COMException(Text, 0),
    ];
    public void Run(int kind) => throw Kinds[kind]();
    public IEngine Self() => this;
    public void Tell(ISink sink) => Console.WriteLine($"taken by a method: {sink.GetType().Name}");
}
[GeneratedComClass]
partial class Sink : ISink { public void Progress(int percent) { } }
CS
timeout 200 dotnet run try.cs | tee seen
cat >expected <<'TEXT'
InvalidOperationException 80131509: InvalidOperationException 80131509, other text, inner False
UnauthorizedAccessException 80070005: UnauthorizedAccessException 80070005, other text, inner False
OperationCanceledException 8013153B: OperationCanceledException 8013153B, other text, inner False
TimeoutException 80131505: COMException 80131505, other text, inner False
Win32Exception 80004005: COMException 80004005, other text, inner False
COMException 80240017: COMException 80240017, other text, inner False
COMException 00240005: no exception
COMException 00000000: no exception
same pointer, same wrapper: True
handed out by a method: Engine, InvalidOperationException 80131509, own text, inner True
taken by a method: Sink
TEXT
diff expected seen
