#!/usr/bin/env bash
# To stop a thread job that waits for its turn starts another one beyond the limit, and the stopped one ends as Failed.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.ThreadJob that it brings.
# Guess:     Stop-Job takes a job that has not begun out of the queue: it is Stopped and stays so, as one that was running. Of
#            the others -ThrottleLimit run at a time. A state at the end of a job is final.
# Seen:      it is Stopped at once, and Wait-Job returns it, but the queue takes that for the end of a running job: with the
#            limit at two, three run. When the next job ends, the stopped one's turn comes: it becomes Failed, without a reason,
#            and Receive-Job gives an error (ThreadJobError). Its script does not run. After Stop-Job for a whole
#            list the jobs that were running are Stopped and the others Failed, whatever the order of the list.
# So:        a script that gives up its waiting jobs does not read their states, and stops the running ones before it relies
#            on the limit again. Failed without a reason is not a failure of the job's script.
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
function Start-Some {
    foreach ($name in 'one', 'two', 'three', 'four') { [IO.File]::Delete("$Work/$name") }
    foreach ($name in 'one', 'two', 'three', 'four') {
        Start-ThreadJob -Name $name -ThrottleLimit 2 -ArgumentList "$Work/$name" -ScriptBlock {
            [IO.File]::WriteAllText($args[0], 'ran')
            Start-Sleep -Seconds 60
        }
    }
    $end = [datetime]::UtcNow.AddSeconds(20)
    while (-not ([IO.File]::Exists("$Work/one") -and [IO.File]::Exists("$Work/two")) -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 50 }
}
function Get-States($Jobs) { Start-Sleep -Milliseconds 500; (@($Jobs | Sort-Object Id).State -join ' ') }
$jobs = Start-Some
$seen = @("begun: $(Get-States $jobs)")
Stop-Job $jobs[3]
$seen += "the last one stopped: $(Get-States $jobs), Wait-Job gives $(@(Wait-Job $jobs[3] -Timeout 5).Count)"
Stop-Job $jobs[0]
$seen += "the first one stopped: $(Get-States $jobs)"
Stop-Job $jobs[1]
$seen += "the second one stopped: $(Get-States $jobs)"
$seen += "the last one's reason: [$($jobs[3].JobStateInfo.Reason)]"
$seen += "received: $(try { Receive-Job $jobs[3] -ErrorAction Stop; 'nothing' } catch { $_.FullyQualifiedErrorId })"
$seen += "ran: $(@('one', 'two', 'three', 'four').Where({ [IO.File]::Exists("$Work/$_") }))"
$jobs | Remove-Job -Force
$jobs = Start-Some
Stop-Job $jobs
$seen += "all stopped: $(Get-States $jobs)"
$jobs | Remove-Job -Force
$jobs = Start-Some
[array]::Reverse($jobs)
Stop-Job $jobs
$seen += "all stopped, the last one first: $(Get-States $jobs)"
$seen
$expected = @(
    'begun: Running Running NotStarted NotStarted'
    'the last one stopped: Running Running Running Stopped, Wait-Job gives 1'
    'the first one stopped: Stopped Running Running Failed'
    'the second one stopped: Stopped Stopped Running Failed'
    "the last one's reason: []"
    'received: ThreadJobError'
    'ran: one two three'
    'all stopped: Stopped Stopped Failed Failed'
    'all stopped, the last one first: Stopped Stopped Failed Failed'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
