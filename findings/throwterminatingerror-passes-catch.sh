#!/usr/bin/env bash
# An error that a helper function throws through its cmdlet's $PSCmdlet passes every try/catch within that cmdlet.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a plain function that throws through the $PSCmdlet of the cmdlet that called it (found by dynamic scope) ends
#            like any function that throws: the nearest try/catch around the call of it runs.
# Seen:      the error belongs to the invocation whose $PSCmdlet it is. The catch blocks of plain functions between the two
#            are passed by, and so is one in the cmdlet itself; only a catch around the cmdlet runs. The same try/catch around
#            a `throw`, or around a helper that is an advanced function of its own, does run.
# So:        a helper whose errors are to be caught within a cmdlet must have [CmdletBinding()], and the try must stand in its
#            caller.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
function Send-Plain { $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('refused'), 'Refused', 'InvalidOperation', $null)) }
function Send-Advanced { [CmdletBinding()] param() Send-Plain }
function Step-Plain { try { Send-Plain } catch { 'caught in the function between' } }
function Test-Between { [CmdletBinding()] param() Step-Plain }
function Test-Own { [CmdletBinding()] param() try { Send-Plain } catch { 'caught in the cmdlet' } }
function Test-Throw { [CmdletBinding()] param() try { throw 'refused' } catch { 'caught in the cmdlet' } }
function Test-Advanced { [CmdletBinding()] param() try { Send-Advanced } catch { 'caught in the cmdlet' } }
$seen = [ordered]@{}
foreach ($name in 'Between', 'Own', 'Throw', 'Advanced') {
    $seen[$name] = try { & "Test-$name" } catch { 'caught around the cmdlet' }
    "${name}: $($seen[$name])"
}
$expected = 'caught around the cmdlet', 'caught around the cmdlet', 'caught in the cmdlet', 'caught in the cmdlet'
if (Compare-Object -ReferenceObject $expected -DifferenceObject @($seen.Values) -SyncWindow 0) { exit 1 }
PS
"$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
