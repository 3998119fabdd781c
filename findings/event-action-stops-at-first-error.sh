#!/usr/bin/env bash
# An event action that throws once never runs again: its subscription stays and looks alive, and nothing tells of it.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     each run of an action stands for itself: an error ends that run, is told like any other (the console, $Error), and
#            the next event runs the action again.
# Seen:      the first error that comes out of the action makes its job Failed, and the events after it are dropped. The
#            subscription is still in the list; $Error is empty and the console silent. Only the job's own Error stream has
#            it. That takes no `throw`: a division by zero, a call on $null or an unknown command is enough, after which a
#            script continues; here the rest of the action is left out. Write-Error and what the action catches do no harm,
#            but the job's Error stream has those too. The same for .NET events and for those of New-Event.
# So:        an action is one try/catch from its first line to its last. A module whose actions must not be lost looks at the
#            State of the job that Register-ObjectEvent returned.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$source = [System.Collections.ObjectModel.ObservableCollection[int]]::new()
$actions = [ordered]@{
    'Write-Error' = { $global:state.Ran++; Write-Error 'x' 2>$null; $global:state.Ended++ }
    'division by zero' = { $global:state.Ran++; $null = 1 / $global:state.Zero; $global:state.Ended++ }
    'call on $null' = { $global:state.Ran++; $null.Call(); $global:state.Ended++ }
    'exception of .NET' = { $global:state.Ran++; $null = [guid]::Parse('x'); $global:state.Ended++ }
    'unknown command' = { $global:state.Ran++; Get-Nothing; $global:state.Ended++ }
    'throw' = { $global:state.Ran++; throw 'x'; $global:state.Ended++ }
    'ErrorAction Stop' = { $global:state.Ran++; Get-Item -LiteralPath /nothing -ErrorAction Stop; $global:state.Ended++ }
    'preference Stop' = { $global:state.Ran++; $ErrorActionPreference = 'Stop'; Get-Item -LiteralPath /nothing; $global:state.Ended++ }
    'throw, caught' = { $global:state.Ran++; try { throw 'x' } catch { $null = $_ }; $global:state.Ended++ }
}
$seen = @(foreach ($kind in 'object', 'engine') {
    foreach ($name in $actions.Keys) {
        $global:state = [pscustomobject]@{ Ran = 0; Ended = 0; Zero = 0 }
        $Error.Clear()
        $job = if ($kind -eq 'object') {
            Register-ObjectEvent -InputObject $source -EventName CollectionChanged -Action $actions[$name]
        } else {
            Register-EngineEvent -SourceIdentifier Test.Engine -Action $actions[$name]
        }
        foreach ($turn in 1, 2) {
            if ($kind -eq 'object') { $source.Add($turn) } else { $null = New-Event -SourceIdentifier Test.Engine }
            Start-Sleep -Milliseconds 200
            $null = Get-Variable
        }
        "$kind, ${name}: begun $($state.Ran), ended $($state.Ended), $($job.State), errors $($job.Error.Count), " +
            "`$Error $($Error.Count), subscribers $(@(Get-EventSubscriber).Count)"
        Get-EventSubscriber | Unregister-Event
        Get-Job | Remove-Job -Force
    }
})
$seen
$goes = @{ Running = 'begun 2, ended 2, Running, errors'; Failed = 'begun 1, ended 0, Failed, errors' }
$expected = foreach ($kind in 'object', 'engine') {
    foreach ($name in $actions.Keys) {
        $state = $name -in 'Write-Error', 'throw, caught' ? 'Running' : 'Failed'
        "$kind, ${name}: $($goes[$state]) 1, `$Error 0, subscribers 1"
    }
}
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
