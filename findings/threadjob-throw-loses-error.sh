#!/usr/bin/env bash
# An error that ends a thread job arrives without its id, category and details; from a job in another process it keeps them.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.ThreadJob that it brings.
# Guess:     a thread job hands over live objects, so what Receive-Job reports of a `throw` is the very ErrorRecord. Start-Job
#            has to serialize it, and loses more.
# Seen:      the other way round. Receive-Job of a failed thread job makes a new record with the id JobStateFailed, and
#            without ErrorDetails. The thrown record is only at JobStateInfo.Reason.ErrorRecord. From Start-Job the id, the
#            category, the text and the advice arrive. An error that is written arrives whole from both. The job of
#            ForEach-Object -Parallel -AsJob is like a thread job.
# So:        a script that runs a command in a thread job and looks at the error's id must read the job's
#            JobStateInfo.Reason.ErrorRecord, or catch within the job and write the error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$make = @'
$refused = [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('refused'), 'Refused', 'ResourceBusy', $null)
$refused.ErrorDetails = [Management.Automation.ErrorDetails]::new('pc1: refused')
$refused.ErrorDetails.RecommendedAction = 'Try again.'
'@
$throw = [scriptblock]::Create("$make`nthrow `$refused")
$write = [scriptblock]::Create("$make`nWrite-Error -ErrorRecord `$refused")
function Format-Record($Record) {
    "$($Record.FullyQualifiedErrorId), $($Record.CategoryInfo.Category), '$($Record.ErrorDetails)', '$($Record.ErrorDetails.RecommendedAction)'"
}
function Receive-Record([string] $Name, $Job) {
    $null = Wait-Job $Job -Timeout 60
    Receive-Job $Job -ErrorAction SilentlyContinue -ErrorVariable records
    foreach ($record in $records) { "${Name}: $(Format-Record $record)" }
}
$seen = @(
    $threadJob = Start-ThreadJob $throw
    Receive-Record 'Start-ThreadJob, throw' $threadJob
    "its reason: $(Format-Record $threadJob.JobStateInfo.Reason.ErrorRecord)"
    Receive-Record '-Parallel -AsJob, throw' (1 | ForEach-Object -Parallel $throw -AsJob)
    Receive-Record 'Start-Job, throw' (Start-Job $throw)
    Receive-Record 'Start-ThreadJob, Write-Error' (Start-ThreadJob $write)
    Receive-Record 'Start-Job, Write-Error' (Start-Job $write)
)
$seen
$whole = "Refused, ResourceBusy, 'pc1: refused', 'Try again.'"
$expected = @(
    "Start-ThreadJob, throw: JobStateFailed, InvalidResult, '', ''"
    "its reason: $whole"
    "-Parallel -AsJob, throw: JobStateFailed, InvalidResult, '', ''"
    "Start-Job, throw: $whole"
    "Start-ThreadJob, Write-Error: $whole"
    "Start-Job, Write-Error: $whole"
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
