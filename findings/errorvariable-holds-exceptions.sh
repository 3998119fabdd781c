#!/usr/bin/env bash
# -ErrorVariable holds an exception instead of an ErrorRecord where the error ended the command, so it has no error id.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     -ErrorVariable collects the ErrorRecords that go into $Error and reach a catch block, one for each error.
# Seen:      for an error by ThrowTerminatingError it holds a CmdletInvocationException, for one that -ErrorAction Stop made an
#            end of an ActionPreferenceStopException (after which Write-Error leaves the record too, so that one error counts
#            twice). Neither has a FullyQualifiedErrorId or ErrorDetails; reading them gives null, not an error, unless in
#            strict mode. The record is in their ErrorRecord. `throw` and an error that does not end the command leave the
#            record itself. The catch block and $Error get the record every time, once.
# So:        a script takes the error from the catch block. One that must use the variable takes the element's ErrorRecord
#            where it has one, and does not count.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
function New-Refusal { [Management.Automation.ErrorRecord]::new([Exception]::new('refused'), 'Refused', 'ResourceBusy', $null) }
function Test-Terminating { [CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError((New-Refusal)) }
function Test-Throw { [CmdletBinding()] param() throw (New-Refusal) }
function Test-Member { [CmdletBinding()] param() $PSCmdlet.WriteError((New-Refusal)) }
function Test-Write { [CmdletBinding()] param() Write-Error -ErrorRecord (New-Refusal) }
$seen = foreach ($name in 'Terminating', 'Throw', 'Member', 'Write') {
    foreach ($action in 'SilentlyContinue', 'Stop') {
        $Error.Clear()
        $caught = 'nothing'
        try { & "Test-$name" -ErrorAction $action -ErrorVariable records } catch { $caught = $_.GetType().Name }
        $held = foreach ($record in $records) { "$($record.GetType().Name) '$(($record.FullyQualifiedErrorId -split ',')[0])'" }
        "$name, ${action}: $($held -join ' and '); caught $caught; in `$Error $($Error.Count) $($Error[0].GetType().Name)"
    }
}
$seen
try { Test-Terminating -ErrorVariable records } catch { $null = $_ }
$within = "within: $($records[0].ErrorRecord.FullyQualifiedErrorId)"
$within
$expected = @(
    "Terminating, SilentlyContinue: CmdletInvocationException ''; caught ErrorRecord; in `$Error 1 ErrorRecord"
    "Terminating, Stop: CmdletInvocationException ''; caught ErrorRecord; in `$Error 1 ErrorRecord"
    "Throw, SilentlyContinue: ErrorRecord 'Refused'; caught ErrorRecord; in `$Error 1 ErrorRecord"
    "Throw, Stop: ErrorRecord 'Refused'; caught ErrorRecord; in `$Error 1 ErrorRecord"
    "Member, SilentlyContinue: ErrorRecord 'Refused'; caught nothing; in `$Error 1 ErrorRecord"
    "Member, Stop: ActionPreferenceStopException ''; caught ErrorRecord; in `$Error 1 ErrorRecord"
    "Write, SilentlyContinue: ErrorRecord 'Refused'; caught nothing; in `$Error 1 ErrorRecord"
    "Write, Stop: ActionPreferenceStopException '' and ErrorRecord 'Refused'; caught ErrorRecord; in `$Error 1 ErrorRecord"
    'within: Refused,Test-Terminating'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject @($seen; $within) -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
