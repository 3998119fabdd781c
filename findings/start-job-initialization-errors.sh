#!/usr/bin/env bash
# A caught error in the -InitializationScript of Start-Job fails the job before it begins: what counts is $Error at its end.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.ThreadJob that it brings.
# Guess:     an initialization script runs before the script, in the same session, and what it writes is the job's: output and
#            errors come with Receive-Job. Only an error that ends it fails the job.
# Seen:      so it is for a thread job. With Start-Job its output is not a result of the job but goes to the console, and whatever
#            it has left in $Error makes the job Failed without running its script: an error that was written, one that was
#            silenced by SilentlyContinue, and one that was caught. With -ErrorAction Ignore, or after $Error.Clear(), the
#            job runs.
# So:        an initialization script of Start-Job that tries something ends with $Error.Clear(), or leaves the attempt to the
#            job's own script.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$scripts = [ordered]@{
    output = { 'from init' }
    'Write-Error' = { Write-Error 'from init' }
    'Import-Module' = { Import-Module NoSuchModule }
    silenced = { Write-Error 'from init' -ErrorAction SilentlyContinue }
    caught = { try { throw 'from init' } catch { $null = $_ } }
    ignored = { Get-Item -LiteralPath /nothing -ErrorAction Ignore }
    'caught, cleared' = { try { throw 'from init' } catch { $Error.Clear() } }
    throw = { throw 'from init' }
}
$seen = @(foreach ($start in 'Start-ThreadJob', 'Start-Job') {
    foreach ($name in $scripts.Keys) {
        $job = & $start { 'ran' } -InitializationScript $scripts[$name]
        $null = Wait-Job $job -Timeout 60
        $got = @(try { Receive-Job $job 2>$null } catch { $null = $_ }) -join ', '
        "$start, ${name}: $($job.State), got $got"
    }
})
$seen
$expected = @(
    'Start-ThreadJob, output: Completed, got from init, ran'
    'Start-ThreadJob, Write-Error: Completed, got ran'
    'Start-ThreadJob, Import-Module: Completed, got ran'
    'Start-ThreadJob, silenced: Completed, got ran'
    'Start-ThreadJob, caught: Completed, got ran'
    'Start-ThreadJob, ignored: Completed, got ran'
    'Start-ThreadJob, caught, cleared: Completed, got ran'
    'Start-ThreadJob, throw: Failed, got '
    'Start-Job, output: Completed, got ran'
    'Start-Job, Write-Error: Failed, got '
    'Start-Job, Import-Module: Failed, got '
    'Start-Job, silenced: Failed, got '
    'Start-Job, caught: Failed, got '
    'Start-Job, ignored: Completed, got ran'
    'Start-Job, caught, cleared: Completed, got ran'
    'Start-Job, throw: Failed, got '
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
