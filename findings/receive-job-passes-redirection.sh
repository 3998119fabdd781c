#!/usr/bin/env bash
# Warnings of a Start-Job job cannot be redirected at Receive-Job, and those of a thread job come after all of its output.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.ThreadJob that it brings.
# Guess:     Receive-Job writes what the job wrote to its own streams, in the order in which the job wrote it, whether the job
#            has ended or not, and *>&1 gathers all of it. Write-Verbose -Verbose shows, as it did in the job.
# Seen:      from Start-Job the order is kept, but warnings, verbose and debug texts go straight to the console: *>&1 lacks
#            them and 3>$null does not silence them; only -WarningVariable has them. From an ended thread job everything can
#            be redirected, but comes stream by stream, the output first. With -Wait, begun before its end, the order is kept.
#            Verbose and debug texts of a thread job are dropped unless Receive-Job has -Verbose or -Debug itself.
# So:        a script that logs what jobs say takes warnings by -WarningVariable, and puts what must stay in order into one
#            stream.
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
    'one'
    Write-Warning 'warning'
    Write-Error 'error'
    Write-Verbose 'verbose' -Verbose
    'two'
    Write-Information 'information'
    'three'
}
$later = [scriptblock]::Create("Start-Sleep -Milliseconds 700; $script")
function Get-Words($Items) { (@($Items) -join ' ') }
$seen = @(foreach ($start in 'Start-ThreadJob', 'Start-Job') {
    $job = & $start $script
    $null = Wait-Job $job -Timeout 60
    "$start, ended: $(Get-Words (Receive-Job $job -Keep *>&1))"
    "$start, -Verbose: $(Get-Words (Receive-Job $job -Keep -Verbose *>&1))"
    $null = Receive-Job $job -Keep -WarningVariable warnings -InformationVariable notes *>&1
    "$start, variables: $(Get-Words $warnings) $(Get-Words $notes)"
    # What is left on the console when every stream is sent away.
    $text = & "$PSHOME/pwsh" -NoProfile -NonInteractive -Command "
        `$job = $start { $script }; `$null = Wait-Job `$job -Timeout 60; Receive-Job `$job *>`$null"
    "$start, console after *>`$null: $((Get-Words $text) -replace '\e\[[0-9;]*m')"
    "$start, waited for: $(Get-Words (Receive-Job (& $start $later) -Wait *>&1))"
})
$seen
$expected = @(
    'Start-ThreadJob, ended: one two three error warning information'
    'Start-ThreadJob, -Verbose: one two three error verbose warning information'
    'Start-ThreadJob, variables: warning information'
    'Start-ThreadJob, console after *>$null: '
    'Start-ThreadJob, waited for: one warning error two information three'
    'Start-Job, ended: one error two information three'
    'Start-Job, -Verbose: one error two information three'
    'Start-Job, variables: warning information'
    'Start-Job, console after *>$null: WARNING: warning VERBOSE: verbose'
    'Start-Job, waited for: one error two information three'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
