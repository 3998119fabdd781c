#!/usr/bin/env bash
# When a runspace closes under a running script, PowerShell.Exiting comes before the script's finally, not after it.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     PowerShell.Exiting is the last thing in a session: whatever ends it, the scripts of the session stop first, their
#            finally blocks run, and then the event is raised.
# Seen:      so it is where the pipeline is stopped (Stop, Stop-Job, Remove-Job -Force, Dispose of the PowerShell object,
#            -TimeoutSeconds of ForEach-Object -Parallel, and exit in the main script while a thread job runs). Where the
#            runspace or the pool is closed, the event is raised first, while the script still runs, and its finally block
#            after it.
# So:        what a module ends in its PowerShell.Exiting action may be needed once more, by a finally block: a command that
#            would start it again must know that its session is closing, or something else has to end the second one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
param([string] $Work)
# Each session writes what happens in it, in order.
$script = {
    param($File)
    $write = "[IO.File]::AppendAllText('$File', ' exiting')"
    $null = Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -Action ([scriptblock]::Create($write))
    [IO.File]::AppendAllText($File, 'started')
    try { Start-Sleep -Seconds 60 } finally {
        Start-Sleep -Milliseconds 500
        [IO.File]::AppendAllText($File, ' finally')
    }
}
function Wait-Text([string] $File, [int] $Words) {
    $end = [datetime]::UtcNow.AddSeconds(30)
    while (([IO.File]::ReadAllText($File) -split ' ').Count -lt $Words -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 50 }
    while ([IO.File]::ReadAllText($File) -eq '' -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 50 }
}
function New-Shell([string] $File) { [powershell]::Create().AddScript($script).AddArgument($File) }
$ways = [ordered]@{
    'Stop' = {
        $shell = New-Shell $args[0]
        $null = $shell.BeginInvoke()
        { $shell.Stop(); $shell.Dispose() }.GetNewClosure()
    }
    'Stop-Job' = {
        $job = Start-ThreadJob $script -ArgumentList $args[0]
        { Stop-Job $job }.GetNewClosure()
    }
    'Runspace.Dispose' = {
        $shell = New-Shell $args[0]
        $shell.Runspace = [runspacefactory]::CreateRunspace()
        $shell.Runspace.Open()
        $null = $shell.BeginInvoke()
        { $shell.Runspace.Dispose() }.GetNewClosure()
    }
    'RunspacePool.Close' = {
        $shell = New-Shell $args[0]
        $shell.RunspacePool = [runspacefactory]::CreateRunspacePool(1, 1)
        $shell.RunspacePool.Open()
        $null = $shell.BeginInvoke()
        { $shell.RunspacePool.Close() }.GetNewClosure()
    }
}
$seen = foreach ($name in $ways.Keys) {
    $file = "$Work/$name.txt"
    [IO.File]::WriteAllText($file, '')
    $end = & $ways[$name] $file
    Wait-Text $file 1
    & $end
    Wait-Text $file 3
    "${name}: $([IO.File]::ReadAllText($file))"
}
$seen
$expected = @(
    'Stop: started finally exiting'
    'Stop-Job: started finally exiting'
    'Runspace.Dispose: started exiting finally'
    'RunspacePool.Close: started exiting finally'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
