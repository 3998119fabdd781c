#!/usr/bin/env bash
# After a stop a finally block ends at its first output where that goes to the console or Out-File, but not elsewhere.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     once a pipeline is stopped, what its finally blocks write goes nowhere. The blocks run to their end all the same:
#            to clean up is what they are for.
# Seen:      it depends on the command behind the pipe. A host's own collection, ForEach-Object, Set-Content, Export-Csv, a
#            redirection by > and most others take everything, and the block ends as written. With Out-Default, which every
#            console appends, Out-Host, Out-String and Out-File the first output ends the block there: what follows in it
#            never runs, and no catch around that output sees an error. So a test by a host or in a job passes, and Ctrl+C in
#            a console skips the clean-up.
# So:        a finally block writes nothing before its last act, and sends what its commands return to $null. A message goes to
#            Write-Warning or Write-Host, which do not end it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$body = {
    try {
        $running.Set()
        while ($true) { [System.Threading.Thread]::Sleep(5) }
    } finally {
        $log.Add('begins')
        Write-Warning 'a warning'
        $null = 'not written'
        $log.Add('warned')
        try { 'first' } catch { $log.Add('caught') }
        $log.Add('after one')
        'second'
        $log.Add('ends')
    }
}
function Test-Stop([string] $Behind) {
    $log = [System.Collections.Generic.List[string]]::new()
    $running = [System.Threading.ManualResetEventSlim]::new()
    $shell = [powershell]::Create()
    $null = $shell.AddScript("param(`$log, `$running) function Invoke-Work { [CmdletBinding()] param() $body }; Invoke-Work $Behind")
    $null = $shell.AddArgument($log).AddArgument($running)
    $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $none.Complete()
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $null = $shell.BeginInvoke($none, $output)
    if (-not $running.Wait(30000)) { throw 'The script did not begin.' }
    $shell.Stop()
    "$(if ($Behind) { $Behind } else { 'nothing' }): $($log -join ', ')$(if ($output.Count) { " -> $($output.ReadAll() -join ' ')" })"
    $shell.Dispose()
}
$file = Join-Path (Get-Location) 'out'
$seen = @(
    '', '| ForEach-Object { $_ }', '| Out-Null', "| Set-Content $file", "> $file", "| Export-Csv $file", '| ConvertTo-Json | Out-Null', '| Format-List | Out-Null' | ForEach-Object { Test-Stop $_ }
    '| Out-Default', '| Out-Host', '| Out-String', "| Out-File $file" | ForEach-Object { Test-Stop $_ }
) -replace [regex]::Escape($file), 'file'
$seen
$whole = 'begins, warned, after one, ends'
$cut = 'begins, warned'
$expected = @(
    "nothing: $whole -> first second"
    "| ForEach-Object { `$_ }: $whole -> first second"
    "| Out-Null: $whole"
    "| Set-Content file: $whole"
    "> file: $whole"
    "| Export-Csv file: $whole"
    "| ConvertTo-Json | Out-Null: $whole"
    "| Format-List | Out-Null: $whole"
    "| Out-Default: $cut"
    "| Out-Host: $cut"
    "| Out-String: $cut"
    "| Out-File file: $cut"
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
