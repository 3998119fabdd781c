#!/usr/bin/env bash
# Receive-Job -Wait -AutoRemoveJob leaves the job behind, even running, when an error or the pipeline ends it early.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     -AutoRemoveJob is the clean-up of a call that waits, so it happens however the call ends: at the end of the job,
#            at an error with -ErrorAction Stop, and when a later command of the pipeline has enough.
# Seen:      only at the end of the job. After -ErrorAction Stop or Select-Object -First 1 the job is still in the list, and a
#            job that has more to do continues: with Start-Job a whole process. Nothing tells of it.
# So:        a script that stops at the first error removes the job in `finally`: Remove-Job -Force, which also stops it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$quick = { Write-Error 'refused'; 'one'; 'two' }
$long = { Write-Error 'refused'; 'one'; 'two'; Start-Sleep -Seconds 60 }
function Test-Left([string] $Name, $Job, [scriptblock] $Receive) {
    $how = try { $null = & $Receive $Job 2>$null; 'ended' } catch { 'caught' }
    $state = if (Get-Job -Id $Job.Id -ErrorAction Ignore) { "left, $($Job.State -eq 'Running' ? 'running' : 'at its end')" } else { 'removed' }
    "${Name}: $how, $state"
    Get-Job | Remove-Job -Force
}
$toEnd = { Receive-Job $args[0] -Wait -AutoRemoveJob }
$stop = { Receive-Job $args[0] -Wait -AutoRemoveJob -ErrorAction Stop }
$first = { Receive-Job $args[0] -Wait -AutoRemoveJob | Select-Object -First 1 }
# A job that has ended before keeps it apart from what is a matter of time.
function Get-Ended($Job) { $null = Wait-Job $Job -Timeout 60; $Job }
$seen = @(
    Test-Left 'thread job, to its end' (Get-Ended (Start-ThreadJob $quick)) $toEnd
    Test-Left 'thread job, Stop' (Get-Ended (Start-ThreadJob $quick)) $stop
    Test-Left 'thread job, First' (Get-Ended (Start-ThreadJob $quick)) $first
    Test-Left 'long thread job, Stop' (Start-ThreadJob $long) $stop
    Test-Left 'long thread job, First' (Start-ThreadJob $long) $first
    Test-Left 'process, to its end' (Get-Ended (Start-Job $quick)) $toEnd
    Test-Left 'long process, Stop' (Start-Job $long) $stop
    Test-Left 'long process, First' (Start-Job $long) $first
)
$seen
$expected = @(
    'thread job, to its end: ended, removed'
    'thread job, Stop: caught, left, at its end'
    'thread job, First: ended, left, at its end'
    'long thread job, Stop: caught, left, running'
    'long thread job, First: ended, left, running'
    'process, to its end: ended, removed'
    'long process, Stop: caught, left, running'
    'long process, First: ended, left, running'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
