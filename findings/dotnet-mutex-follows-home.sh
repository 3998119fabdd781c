#!/usr/bin/env bash
# On Linux a mutex named Global\... is another one for each HOME in .NET 11: what sudo starts does not lock out a service.
#
# Versions:  .NET 11.0.0 and 10.0.12 of NuGet (PowerShell 7.7 runs on the one, 7.6 on the other), Linux.
# Guess:     Global\ means one for the machine, as on Windows. Where .NET 11 keeps it for one user, as its list of breaking
#            changes says, that is by the user database and not by HOME, as the same page says.
# Seen:      in .NET 10.0.12 a second process is locked out, whatever HOME is. In .NET 11.0.0 only with the same HOME: with
#            another one the same user gets the mutex while it is held, and is told that it is new. Where HOME cannot be
#            written, the constructor throws a TypeInitializationException that names neither. XDG_RUNTIME_DIR goes before
#            HOME, so that a login and a cron job differ too. With NamedWaitHandleOptions for all users it is one for the
#            machine again.
# So:        a script that must run once at a time (an installer, a scheduled update) passes those options where it has them, or
#            locks a file at a path of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir "$HOME"
cd "$work"

cat >Program.cs <<'CS'
using System.Threading;

// Holds a mutex until its input ends, or says what becomes of a second one. Arguments: what, name.
var isNew = false;
try
{
    // The options are in .NET 10 and newer.
    using var mutex = args[0].EndsWith("-all")
        ? new Mutex(false, args[1], new NamedWaitHandleOptions { CurrentUserOnly = false, CurrentSessionOnly = false }, out isNew)
        : new Mutex(false, args[1], out isNew);
    var got = mutex.WaitOne(0);
    Console.WriteLine($"{(isNew ? "new" : "there already")}, {(got ? "got" : "locked out")}");
    if (args[0].StartsWith("hold")) Console.In.ReadToEnd();
    if (got) mutex.ReleaseMutex();
}
catch (Exception error)
{
    Console.WriteLine(error.GetType().Name);
}
CS
# The SDK of .NET 10 knows nothing of 11: it is told where the parts are.
cat >eleven.props <<'XML'
<Project>
  <PropertyGroup>
    <NETCoreAppMaximumVersion>11.0</NETCoreAppMaximumVersion>
    <AllowMissingPrunePackageData>true</AllowMissingPrunePackageData>
  </PropertyGroup>
  <ItemGroup>
    <KnownFrameworkReference Include="Microsoft.NETCore.App" TargetFramework="net11.0"
      RuntimeFrameworkName="Microsoft.NETCore.App" DefaultRuntimeFrameworkVersion="11.0.0" LatestRuntimeFrameworkVersion="11.0.0"
      TargetingPackName="Microsoft.NETCore.App.Ref" TargetingPackVersion="11.0.0"
      RuntimePackNamePatterns="Microsoft.NETCore.App.Runtime.**RID**" RuntimePackRuntimeIdentifiers="linux-x64" />
    <KnownAppHostPack Include="Microsoft.NETCore.App" TargetFramework="net11.0" AppHostPackVersion="11.0.0"
      AppHostPackNamePattern="Microsoft.NETCore.App.Host.**RID**" AppHostRuntimeIdentifiers="linux-x64" />
  </ItemGroup>
</Project>
XML
build() { # number, more of the project
    mkdir "net$1"
    cp Program.cs eleven.props "net$1"
    cat >"net$1/try.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net$1.0</TargetFramework>
    <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
    <SelfContained>true</SelfContained>
    <ImplicitUsings>enable</ImplicitUsings>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
  $2
</Project>
XML
    timeout 200 dotnet publish "net$1/try.csproj" -o "made$1" >build.log 2>&1 || { cat build.log >&2; exit 1; }
}
build 10 '<PropertyGroup><RuntimeFrameworkVersion>10.0.12</RuntimeFrameworkVersion></PropertyGroup>'
build 11 '<Import Project="eleven.props" />'

name="Global\\finding-$$"
mkdir one two
in_home() { # home, more of the environment ..., --, program, arguments
    local home=$1 more=()
    shift
    while [ "$1" != -- ]; do more+=("$1"); shift; done
    shift
    timeout 30 env -i PATH="$PATH" HOME="$home" "${more[@]}" "$@"
}
against() { # number, hold, ask, home and environment of the second ...
    mkfifo in
    in_home "$work/one" -- "made$1/try" "$2" "$name" <in >out &
    exec 3>in
    for _ in $(seq 100); do [ -s out ] && break; sleep 0.1; done
    in_home "${@:4}" -- "made$1/try" "$3" "$name"
    exec 3>&-
    wait $! || true
    rm in out
}
{
    for number in 10 11; do
        echo ".NET $number, same HOME: $(against "$number" hold ask "$work/one")"
        echo ".NET $number, another HOME: $(against "$number" hold ask "$work/two")"
        echo ".NET $number, HOME that cannot be made: $(against "$number" hold ask /proc/none)"
        echo ".NET $number, for all users, another HOME: $(against "$number" hold-all ask-all "$work/two")"
    done
    echo ".NET 11, XDG_RUNTIME_DIR beside the same HOME: $(against 11 hold ask "$work/one" XDG_RUNTIME_DIR="$work/two")"
} | tee seen
cat >expected <<'TEXT'
.NET 10, same HOME: there already, locked out
.NET 10, another HOME: there already, locked out
.NET 10, HOME that cannot be made: there already, locked out
.NET 10, for all users, another HOME: there already, locked out
.NET 11, same HOME: there already, locked out
.NET 11, another HOME: new, got
.NET 11, HOME that cannot be made: TypeInitializationException
.NET 11, for all users, another HOME: there already, locked out
.NET 11, XDG_RUNTIME_DIR beside the same HOME: new, got
TEXT
diff expected seen
