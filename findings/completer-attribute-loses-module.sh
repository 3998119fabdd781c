#!/usr/bin/env bash
# A completer in an [ArgumentCompleter()] attribute does not run in its module; one of Register-ArgumentCompleter there does.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a script block that stands in a module's file belongs to the module, as those of Register-ArgumentCompleter,
#            ValidateScript and event actions do, and so it can call the functions that the module does not export.
# Seen:      the block in the attribute runs outside: a script variable of the module is empty, and the private function is
#            unknown. That fails without a word: the names of files are offered instead, and $Error has grown by the user's
#            pressing Tab. Register-ArgumentCompleter within the module and ValidateScript find both.
# So:        a completer that needs its module is registered by Register-ArgumentCompleter, or enters the module by itself:
#            & (Get-Module Name) { ... }. A test of it has to import the module and call TabExpansion2 from outside.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME" "$work/folder"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
cd "$work/folder"
touch a-file

cat >"$work/Fruit.psm1" <<'PS'
$script:Extra = 'pear'
function Get-Name { 'apple', $script:Extra }
function Get-Fruit {
    [CmdletBinding()]
    param(
        [ArgumentCompleter({ Get-Name })] [string] $Attribute,
        [ArgumentCompleter({ "plum-$script:Extra" })] [string] $Variable,
        [ArgumentCompleter({ & (Get-Module Fruit) { Get-Name } })] [string] $Entered,
        [string] $Registered,
        [ValidateScript({ $_ -in (Get-Name) })] [string] $Checked
    )
    $Checked
}
Register-ArgumentCompleter -CommandName Get-Fruit -ParameterName Registered -ScriptBlock { Get-Name }
Export-ModuleMember -Function Get-Fruit
PS

cat >"$work/try.ps1" <<'PS'
Import-Module "$PSScriptRoot/Fruit.psm1"
$seen = @(
    foreach ($name in 'Attribute', 'Variable', 'Entered', 'Registered') {
        $Error.Clear()
        $line = "Get-Fruit -$name "
        "${name}: $((TabExpansion2 $line $line.Length).CompletionMatches.CompletionText -join ' '), errors: $($Error.Count)"
    }
    "Checked: $(Get-Fruit -Checked pear)"
)
$seen
$expected = @(
    'Attribute: ./a-file, errors: 1'
    'Variable: plum-, errors: 0'
    'Entered: apple pear, errors: 0'
    'Registered: apple pear, errors: 0'
    'Checked: pear'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
