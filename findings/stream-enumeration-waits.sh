#!/usr/bin/env bash
# To enumerate what a running PowerShell object has written waits until it ends; Count and ReadAll do not.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     Streams.Error and the output collection of BeginInvoke are lists that grow: to enumerate one gives what is there so
#            far, as to index it does, and the host then shows it.
# Seen:      the enumerator waits for more until the pipeline has ended. So does whatever enumerates unseen, such as a pipe or
#            @($errors).Count: the script of the host stands still for as long as the command runs, though it asked after one
#            error that was there. Count, an index and ReadAll() answer at once.
# So:        a host that looks at a running command uses ReadAll(), or an index up to Count, and never puts a stream into a pipe
#            before the command has ended.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$ways = [ordered]@{
    'foreach' = { foreach ($record in $args[0]) { "$record" } }
    'pipe' = { $args[0] | ForEach-Object { "$_" } }
    '@().Count' = { @($args[0]).Count }
    'Count' = { $args[0].Count }
    'index' = { "$($args[0][0])" }
    'ReadAll' = { $args[0].ReadAll() }
}
function Test-Way([string] $Stream, [string] $Name) {
    $shell = [powershell]::Create().AddScript('Write-Error one; "one"; Start-Sleep -Seconds 4')
    $noInput = [Management.Automation.PSDataCollection[psobject]]::new()
    $noInput.Complete()
    $output = [Management.Automation.PSDataCollection[psobject]]::new()
    $null = $shell.BeginInvoke($noInput, $output)
    $collection = if ($Stream -eq 'errors') { , $shell.Streams.Error } else { , $output }
    $end = [datetime]::UtcNow.AddSeconds(5)
    while (($output.Count -eq 0 -or $shell.Streams.Error.Count -eq 0) -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 20 }
    $given = & $ways[$Name] $collection
    # While the command has not ended, the answer did not wait for it.
    $when = if ($shell.InvocationStateInfo.State -eq 'Running') { 'at once' } else { 'at the end' }
    $shell.Stop()
    $shell.Dispose()
    "$Stream, ${Name}: $given $when"
}
$seen = foreach ($stream in 'errors', 'output') { foreach ($name in $ways.Keys) { Test-Way $stream $name } }
$seen
$expected = foreach ($stream in 'errors', 'output') {
    "$stream, foreach: one at the end"
    "$stream, pipe: one at the end"
    "$stream, @().Count: 1 at the end"
    "$stream, Count: 1 at once"
    "$stream, index: one at once"
    "$stream, ReadAll: one at once"
}
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
