#!/usr/bin/env bash
# In a Pester mock and its filters the defaults of parameters are missing, and a call whose pipeline is empty does not happen.
#
# Versions:  Pester 6.2.0 and PowerShell 7.6.9 (NuGet).
# Guess:     a mock has the parameters of its command with their default values, so that its body and -ParameterFilter see what
#            the command would see. A call counts as one call, whatever comes through the pipeline. A call by the full name,
#            Module\Command, passes the mock by. A filter that gives anything false does not match.
# Seen:      a parameter that the caller leaves out is empty, while names, aliases and ValidateSet are those of the command:
#            a filter on the default value never matches. Three items in the pipeline are three calls; with an empty list
#            the command runs its begin and end blocks, and the mock is not called at all. The full name reaches the mock.
#            A filter whose block writes two values matches though the last is $false, and one that writes nothing does not.
# So:        code under test passes what a test shall see, or the filter takes empty for the default. An assertion on the
#            number of calls counts the items. A filter block writes one value.
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

cat >Subject.psm1 <<'PS'
function Get-Thing {
    [CmdletBinding()] param([Parameter(ValueFromPipeline)] $Item, [ValidateSet('a', 'b')] [string] $Set = 'a', [Alias('Z')] [int] $Number = 5)
    begin { 'begins' }
    process { "$($Item ?? 'none') $Set $Number" }
}
function Use-Default { Get-Thing }
function Use-Alias { Get-Thing -Z 9 }
function Use-Wrong { Get-Thing -Set c }
function Use-Pipeline { 1, 2, 3 | Get-Thing }
function Use-Empty { @() | Get-Thing }
function Use-FullName { Subject\Get-Thing }
PS
cat >Subject.Tests.ps1 <<'PS'
BeforeAll {
    Import-Module "$PSScriptRoot/Subject.psm1" -Force
    function Save-Seen([string] $Text) { [IO.File]::AppendAllText("$PSScriptRoot/seen", "$Text`n") }
    function Test-Filter([scriptblock] $Filter) {
        try { Should -Invoke Get-Thing -ModuleName Subject -ParameterFilter $Filter -Times 1; 'matches' } catch { 'does not match' }
    }
}
Describe 'a mock and its command' {
    It 'both' {
        $uses = 'Default', 'Alias', 'Wrong', 'Pipeline', 'Empty', 'FullName'
        $run = { param($Use) try { @(& "Use-$Use").ForEach({ "<$_>" }) -join ' ' } catch { ($_.FullyQualifiedErrorId -split ',')[0] } }
        foreach ($use in $uses) { Save-Seen "command, ${use}: $(& $run $use)" }
        Mock Get-Thing -ModuleName Subject { "mock $($Item ?? 'none') [$Set] [$Number]" }
        foreach ($use in $uses) { Save-Seen "mock, ${use}: $((& $run $use) -replace '^$', 'nothing')" }
    }
    It 'filters' {
        Mock Get-Thing -ModuleName Subject {}
        Use-Default
        Save-Seen "filter, default: $(Test-Filter { $Set -eq 'a' })"
        Save-Seen "filter, empty: $(Test-Filter { -not $Set })"
        Save-Seen "filter, false: $(Test-Filter { $false })"
        Save-Seen "filter, two values: $(Test-Filter { $false; $false })"
        Save-Seen "filter, nothing: $(Test-Filter { $null = $true })"
    }
}
PS
manifest=$(find "$work/packages/pester" -name Pester.psd1)
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -Command \
  "Import-Module '$manifest' -ErrorAction Stop; Invoke-Pester -Path Subject.Tests.ps1 -Output None; exit 0"
cat seen
cat >expected <<'TEXT'
command, Default: <begins> <none a 5>
command, Alias: <begins> <none a 9>
command, Wrong: ParameterArgumentValidationError
command, Pipeline: <begins> <1 a 5> <2 a 5> <3 a 5>
command, Empty: <begins>
command, FullName: <begins> <none a 5>
mock, Default: <mock none [] []>
mock, Alias: <mock none [] [9]>
mock, Wrong: ParameterArgumentValidationError
mock, Pipeline: <mock 1 [] []> <mock 2 [] []> <mock 3 [] []>
mock, Empty: nothing
mock, FullName: <mock none [] []>
filter, default: does not match
filter, empty: matches
filter, false: does not match
filter, two values: matches
filter, nothing: does not match
TEXT
diff expected seen
