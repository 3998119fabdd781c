#!/usr/bin/env bash
# The action of an event runs between the turns of a loop that calls nothing, and not between two statements.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     an action of Register-ObjectEvent waits until the session is idle or in Wait-Event, or at most until the next
#            command is called. A function that only computes and calls methods of .NET runs from its begin to its end.
# Seen:      besides calls of commands and of script blocks, each turn of foreach, for, while, do and switch lets a waiting
#            action run, before its first statement, in a method of a class too; so does a switch with a single value. A
#            loop without a turn does not, nor do statements in a row, if, try, catch and finally, $( ), methods such as
#            Where(), a script block that .NET calls, the end of a loop, a wait in .NET, or the next object of a pipeline. An
#            action that adds to the list that a foreach reads makes that foreach fail.
# So:        a module whose actions share state with its functions cannot take a loop for one step: it reads the list by
#            ToArray(), and makes its changes in statements without a loop or a call in between.
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
$state = [pscustomobject]@{ Ran = 0; Inside = 0 }
$list = [System.Collections.Generic.List[int]] @(1, 2)
$null = Register-ObjectEvent -InputObject $source -EventName CollectionChanged -MessageData $state -Action { $Event.MessageData.Ran++ }
# Raises the event and waits, in .NET, until its action is in the queue.
class Bell {
    static [void] Ring($Source) { $Source.Add(1); [System.Threading.Thread]::Sleep(250) }
    static [int] Straight($State) { $value = $State.Ran; return $value }
    static [int] Loop($State) { $value = 0; foreach ($item in , 1) { $value = $State.Ran }; return $value }
}
# Each function raises the event and leaves in $state.Inside whether the action has run at that point.
function Test-Statements { [Bell]::Ring($source); $one = 1; $one++; $state.Inside = $state.Ran }
function Test-Foreach { [Bell]::Ring($source); foreach ($item in , 1) { $state.Inside = $state.Ran } }
function Test-For { [Bell]::Ring($source); for ($at = 0; $at -lt 1; $at++) { $state.Inside = $state.Ran } }
function Test-While { [Bell]::Ring($source); while (-not $state.Inside) { $state.Inside = $state.Ran; break } }
function Test-Do { [Bell]::Ring($source); do { $state.Inside = $state.Ran } while ($false) }
function Test-Switch { [Bell]::Ring($source); switch (1) { 1 { $state.Inside = $state.Ran } } }
function Test-Continue { foreach ($item in 1, 2) { if ($item -eq 1) { [Bell]::Ring($source); continue }; $state.Inside = $state.Ran } }
function Test-NoTurn { [Bell]::Ring($source); foreach ($item in @()) { $item }; while ($false) { 1 }; $state.Inside = $state.Ran }
function Test-Left { foreach ($item in , 1) { [Bell]::Ring($source) }; $state.Inside = $state.Ran }
function Test-If { [Bell]::Ring($source); if ($source) { $state.Inside = $state.Ran } }
function Test-Try { [Bell]::Ring($source); try { throw 'x' } catch { $null = 1 } finally { $state.Inside = $state.Ran } }
function Test-Subexpression { [Bell]::Ring($source); $null = $(1; 2); $null = @(1; 2); $state.Inside = $state.Ran }
function Test-Where { [Bell]::Ring($source); $null = @(1, 2).Where({ $state.Inside = $state.Ran; $true }) }
function Test-Delegate { [Bell]::Ring($source); ([System.Action] { $state.Inside = $state.Ran }).Invoke() }
function Test-Wait { [Bell]::Ring($source); $null = [System.Threading.Tasks.Task]::Delay(250).Wait(1000); $state.Inside = $state.Ran }
function Test-Method { [Bell]::Ring($source); $state.Inside = [Bell]::Straight($state) }
function Test-MethodLoop { [Bell]::Ring($source); $state.Inside = [Bell]::Loop($state) }
function Test-Block { [Bell]::Ring($source); . { $state.Inside = $state.Ran } }
function Test-Cmdlet { [Bell]::Ring($source); $null = Get-Variable; $state.Inside = $state.Ran }
function Test-Pipeline { 1, 2 | & { process { if ($_ -eq 1) { [Bell]::Ring($source) } else { $state.Inside = $state.Ran } } } }
$names = 'Statements', 'Foreach', 'For', 'While', 'Do', 'Switch', 'Continue', 'NoTurn', 'Left', 'If', 'Try', 'Subexpression', 'Where',
    'Delegate', 'Wait', 'Method', 'MethodLoop', 'Block', 'Cmdlet', 'Pipeline'
$seen = @(foreach ($name in $names) {
    $null = Get-Variable
    $state.Ran = $state.Inside = 0
    & "Test-$name"
    "${name}: $($state.Inside ? 'ran' : 'waits')"
})
$null = Register-ObjectEvent -InputObject $source -EventName CollectionChanged -MessageData $list -Action { $Event.MessageData.Add(3) }
function Test-List { foreach ($item in $list) { if ($item -eq 1) { [Bell]::Ring($source) } } }
$seen += try { Test-List; 'list: read' } catch { "list: $($_.Exception.GetBaseException().GetType().Name)" }
$seen
$expected = @(
    'Statements: waits', 'Foreach: ran', 'For: ran', 'While: ran', 'Do: ran', 'Switch: ran', 'Continue: ran', 'NoTurn: waits', 'Left: waits',
    'If: waits', 'Try: waits', 'Subexpression: waits', 'Where: waits', 'Delegate: waits', 'Wait: waits', 'Method: waits',
    'MethodLoop: ran', 'Block: ran', 'Cmdlet: ran', 'Pipeline: waits', 'list: InvalidOperationException'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
