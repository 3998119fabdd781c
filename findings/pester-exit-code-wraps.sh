#!/usr/bin/env bash
# On Linux a Pester run with 256 failed tests ends with exit code 0: Run.Exit and -CI give the count, and 8 bits are left of it.
#
# Versions:  Pester 6.2.0 and PowerShell 7.6.9 (NuGet), Linux.
# Guess:     Run.Exit is there so that a build step fails with the tests: the exit code is 1, or the count up to what an exit
#            code can hold. Whatever the number, a failed run is not 0.
# Seen:      the code is the count as it is. With 255 failed tests it is 255, with 256 it is 0, with 257 it is 1; the same with
#            -CI. A block that fails counts as well, so that one mistake is enough: a BeforeAll that throws over 255 tests
#            makes 256. Windows hands the whole number to the parent; only the Linux half of a build turns green. The Result
#            of the run is Failed each time.
# So:        a build step on Linux runs with PassThru and exits by itself: exit [int]($run.Result -ne 'Passed').
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >packages.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Pester" Version="[6.2.0]" /></ItemGroup>
</Project>
XML
dotnet restore --packages "$work/packages" >/dev/null

cat >Each.Tests.ps1 <<'PS'
Describe 'each fails' { It 'number <_>' -ForEach (1..$env:TESTS) { throw 'failed' } }
PS
cat >Before.Tests.ps1 <<'PS'
Describe 'one mistake' { BeforeAll { throw 'failed' }; It 'number <_>' -ForEach (1..$env:TESTS) { 1 } }
PS
cat >run.ps1 <<'PS'
param([string] $Manifest, [string] $How, [string] $Path)
Import-Module $Manifest -ErrorAction Stop
if ($How -eq 'CI') { Invoke-Pester -Path $Path -CI -Output None; exit 99 }
$configuration = New-PesterConfiguration -Hashtable @{ Run = @{ Path = $Path; Exit = $How -eq 'Exit'; PassThru = $true }; Output = @{ Verbosity = 'None' } }
$run = Invoke-Pester -Configuration $configuration
"$($run.Result) $($run.FailedCount)"
exit [int]($run.Result -ne 'Passed')
PS
manifest=$(find "$work/packages/pester" -name Pester.psd1)
run() { # tests, how, file: the exit code, and what was written where the script decides
  local code=0 text
  text=$(TESTS=$1 timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File run.ps1 "$manifest" "$2" "$3" 2>/dev/null) || code=$?
  if [ "$2" != Own ]; then text=''; fi
  printf '%s %s %s: %s %s\n' "$1" "$2" "$3" "$code" "$text" | sed 's/ $//'
}
{
  for count in 255 256 257; do run "$count" Exit Each.Tests.ps1; done
  run 256 CI Each.Tests.ps1
  run 255 Exit Before.Tests.ps1
  run 256 Own Each.Tests.ps1
} | tee seen
cat >expected <<'TEXT'
255 Exit Each.Tests.ps1: 255
256 Exit Each.Tests.ps1: 0
257 Exit Each.Tests.ps1: 1
256 CI Each.Tests.ps1: 0
255 Exit Before.Tests.ps1: 0
256 Own Each.Tests.ps1: 1 Failed 256
TEXT
diff expected seen
