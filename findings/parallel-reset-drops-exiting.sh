#!/usr/bin/env bash
# In ForEach-Object -Parallel a module outlives its iteration, but what it subscribed to PowerShell.Exiting never runs.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     each iteration begins with a clean session, and PowerShell.Exiting is raised when the runspace of one closes, as
#            it is for Start-ThreadJob, a runspace pool, and a runspace that is closed by hand.
# Seen:      the iterations of one runspace share its modules: the second finds the module loaded and its script variables as
#            the first left them, though the global variables are gone. The event manager is replaced between them: the
#            second finds no subscriber, and none of the actions ever runs, not even when the runspaces close at the end. The
#            same module in a thread job, a pool or a runspace of its own has its action run.
# So:        a module that keeps a process or a file for its session cannot rely on PowerShell.Exiting: in these runspaces
#            only the StateChanged event of the runspace itself tells of their end.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home" KEEPER="$work/Keeper.psm1" NOTES="$work/notes.txt"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
touch "$NOTES"

cat >"$KEEPER" <<'PS'
$script:Calls = 0
function Use-Keeper([string] $Name) {
    $script:Calls++
    if ($script:Calls -eq 1) {
        $write = "[IO.File]::AppendAllText('$env:NOTES', 'end of $Name' + [Environment]::NewLine)"
        $null = Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -Action ([scriptblock]::Create($write))
    }
    $script:Calls
}
PS

cat >"$work/try.ps1" <<'PS'
$seen = @(
    1..2 | ForEach-Object -ThrottleLimit 1 -Parallel {
        $before = "$_ loaded: $([bool] (Get-Module Keeper)), global: $([bool] $global:Mark), subscribers: $($ExecutionContext.Events.Subscribers.Count)"
        $global:Mark = $true
        Import-Module $env:KEEPER
        "$before, call $(Use-Keeper -Name parallel)"
    }
    $use = { Import-Module $env:KEEPER; $null = Use-Keeper -Name $args[0] }
    Start-ThreadJob -ScriptBlock $use -ArgumentList 'thread job' | Receive-Job -Wait -AutoRemoveJob
    $pool = [runspacefactory]::CreateRunspacePool(1, 1)
    $pool.Open()
    $shell = [powershell]::Create()
    $shell.RunspacePool = $pool
    $null = $shell.AddScript($use).AddArgument('pool').Invoke()
    $shell.Dispose()
    $pool.Dispose()
    $end = [datetime]::UtcNow.AddSeconds(20)
    while (@([IO.File]::ReadAllLines($env:NOTES)).Count -lt 2 -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 100 }
    # What comes late would come now.
    Start-Sleep -Seconds 2
    [IO.File]::ReadAllLines($env:NOTES) | Sort-Object
)
$seen
$expected = @(
    '1 loaded: False, global: False, subscribers: 0, call 1'
    '2 loaded: True, global: False, subscribers: 0, call 2'
    'end of pool'
    'end of thread job'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
"$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
