#!/usr/bin/env bash
# One null or empty string among the results of a completer loses all of them: files are offered instead, or Tab throws.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a result that is nothing is left out and the others are offered, as a pipeline with a null in it does. What was
#            written before an error is offered too. An attribute and both kinds of registration do the same.
# Seen:      for a completer in an attribute $null or '' anywhere makes the whole list go, and the names of files appear as if
#            there were no completer. For one of Register-ArgumentCompleter, with or without -Native, the completion throws,
#            "Object reference not set" for $null. A blank is a result. A `throw` loses what came before it, and gives files
#            with all three; an error that is written loses nothing. A list in a list becomes one text, joined by blanks, and
#            a text with a blank is not quoted.
# So:        a completer filters its own output (Where-Object { $_ }), catches everything, and quotes. Its test has an entry
#            without a name among what it reads.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

mkdir folder
touch folder/file
cat >"$work/try.ps1" <<'PS'
Set-Location "$PSScriptRoot/folder"
$blocks = [ordered]@{
    'two' = { 'one'; 'two' }
    'null' = { 'one'; $null; 'two' }
    'empty' = { 'one'; ''; 'two' }
    'blank' = { 'one'; ' '; 'two' }
    'nothing' = { }
    'thrown' = { 'one'; throw 'broken' }
    'written' = { 'one'; Write-Error 'broken' 2>$null; 'two' }
    'list in a list' = { 'one', @('two', 'three') }
    'text with a blank' = { 'one two' }
}
function Complete-Line([string] $Line) {
    try { ([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null)).CompletionMatches.CompletionText -join '|' }
    catch { $_.Exception.InnerException.GetType().Name }
}
$seen = foreach ($name in $blocks.Keys) {
    Invoke-Expression "function global:Use-Attribute { param([ArgumentCompleter({ $($blocks[$name]) })] `$Name) }"
    function global:Use-Registered { param($Name) }
    Register-ArgumentCompleter -CommandName Use-Registered -ParameterName Name -ScriptBlock $blocks[$name]
    Register-ArgumentCompleter -Native -CommandName native-tool -ScriptBlock $blocks[$name]
    "${name}: $(Complete-Line 'Use-Attribute -Name ') / $(Complete-Line 'Use-Registered -Name ') / native $(Complete-Line 'native-tool ')"
}
$seen
$expected = @(
    'two: one|two / one|two / native one|two'
    'null: ./file / NullReferenceException / native NullReferenceException'
    'empty: ./file / PSArgumentNullException / native PSArgumentNullException'
    'blank: one| |two / one| |two / native one| |two'
    'nothing: ./file / ./file / native ./file'
    'thrown: ./file / ./file / native ./file'
    'written: one|two / one|two / native one|two'
    'list in a list: one|two three / one|two three / native one|two three'
    'text with a blank: one two / one two / native one two'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
