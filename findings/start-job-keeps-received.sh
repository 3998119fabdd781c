#!/usr/bin/env bash
# Receive-Job takes the results out of a thread job, but a job of Start-Job keeps every one in memory until it is removed.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.ThreadJob that it brings.
# Guess:     without -Keep what Receive-Job has written is gone from the job, so that a job that runs for days can be read from
#            time to time, and holds only what came since.
# Seen:      that is so for a thread job, all its streams and its progress. Of a job of Start-Job the second Receive-Job gives
#            nothing and HasMoreData is false, but its child job still holds all output, errors, warnings, information and
#            progress records. A loop that writes progress fills the memory of the session that started it.
# So:        a long job runs as a thread job, or writes to a file. Code that reads a job's streams itself must not take what
#            is there for what is new.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$script = {
    foreach ($number in 1..3) {
        $number
        Write-Error "e$number"
        Write-Warning "w$number"
        Write-Information "i$number"
        Write-Progress -Activity a -Status "s$number"
    }
}
$seen = @(foreach ($start in 'Start-ThreadJob', 'Start-Job') {
    $job = & $start $script
    $null = Wait-Job $job -Timeout 60
    $holder = $job.ChildJobs.Count ? $job.ChildJobs[0] : $job
    foreach ($when in 'at first', 'then') {
        $got = @(Receive-Job $job 2>$null 3>$null -WarningAction SilentlyContinue).Count
        $held = $holder.Output.Count, $holder.Error.Count, $holder.Warning.Count, $holder.Information.Count, $holder.Progress.Count
        "$start, ${when}: got $got, more $($job.HasMoreData), held $held"
    }
})
$seen
$expected = @(
    'Start-ThreadJob, at first: got 3, more False, held 0 0 0 0 0'
    'Start-ThreadJob, then: got 0, more False, held 0 0 0 0 0'
    'Start-Job, at first: got 3, more False, held 3 3 3 3 3'
    'Start-Job, then: got 0, more False, held 3 3 3 3 3'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
