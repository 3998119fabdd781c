#!/usr/bin/env bash
# In a runspace pool opened with $Host the warnings of all commands are in the streams of the one that was started last, or in none.
#
# Versions:  PowerShell 7.6.9 (NuGet), Linux.
# Guess:     the host that a pool is given is where its commands print. Each command's output, errors, warnings and progress are
#            in its own Streams, with a host or without one, as the errors are.
# Seen:      with $Host all runspaces share one object that knows one set of buffers. Output and errors stay with their command.
#            Warnings, verbose and information messages, Write-Host and progress of all commands are in the Streams of the one
#            that was started last, and as soon as any of them has ended in none: they are only printed. What the session itself
#            writes meanwhile is among them. Start-ThreadJob -StreamingHost $Host does the same to jobs. Without a host each
#            command has its own.
# So:        a pool is opened without $Host, as CreateRunspacePool(1, 4) does, and prints what it finds in each command's Streams.
#            Code that judges a command by its warnings must know how the pool was opened.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home" POWERSHELL_TELEMETRY_OPTOUT=1
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >try.ps1 <<'PS'
$ErrorActionPreference = 'Stop'
$script:lines = [Collections.Generic.List[string]]::new()

# Three commands that write one after another: each waits until it is told its turn.
function Test-Pool([string] $Name, $Pool, [int[]] $Order) {
    $Pool.Open()
    $turns = [Collections.Concurrent.ConcurrentDictionary[int, Threading.ManualResetEventSlim]]::new()
    $ready = [Threading.CountdownEvent]::new(3)
    $commands = foreach ($number in 1..3) {
        $turns[$number] = [Threading.ManualResetEventSlim]::new()
        $shell = [powershell]::Create()
        $shell.RunspacePool = $Pool
        $null = $shell.AddScript({
            param($number, $turn, $ready)
            $VerbosePreference = 'Continue'
            $null = $ready.Signal()
            $turn.Wait()
            Write-Output "o$number"; Write-Error "e$number"; Write-Warning "w$number"; Write-Verbose "v$number"
            Write-Information "i$number"; Write-Progress "p$number"
        }).AddParameters(@($number, $turns[$number], $ready))
        $before = $ready.CurrentCount
        @{ number = $number; shell = $shell; run = $shell.BeginInvoke() }
        while ($ready.CurrentCount -eq $before) { Start-Sleep -Milliseconds 5 }
    }
    Write-Warning 'session'
    $output = @{}
    foreach ($number in $Order) {
        $turns[$number].Set()
        $command = $commands[$number - 1]
        $output[$number] = $command.shell.EndInvoke($command.run)
    }
    foreach ($command in $commands) {
        $streams = $command.shell.Streams
        $found = @($output[$command.number]; "$($streams.Error)"; $streams.Warning.Message; $streams.Verbose.Message; $streams.Information.MessageData; $streams.Progress.Activity) | Where-Object { $_ }
        $script:lines.Add("$Name, command $($command.number): $found")
    }
    $Pool.Dispose()
}

$state = [initialsessionstate]::CreateDefault2()
Test-Pool 'without a host' ([runspacefactory]::CreateRunspacePool(1, 3)) 1, 2, 3
Test-Pool '$Host' ([runspacefactory]::CreateRunspacePool(1, 3, $state, $Host)) 1, 2, 3
Test-Pool '$Host, the last one ends first' ([runspacefactory]::CreateRunspacePool(1, 3, $state, $Host)) 3, 1, 2

function Test-Job([string] $Name, [hashtable] $Parameters) {
    $turn = [Threading.ManualResetEventSlim]::new()
    $ready = [Threading.CountdownEvent]::new(2)
    $jobs = foreach ($number in 1, 2) {
        Start-ThreadJob @Parameters -ArgumentList $number, $turn, $ready -ScriptBlock {
            param($number, $turn, $ready)
            $null = $ready.Signal()
            if ($number -eq 2) { $turn.Wait() }
            else { while ($ready.CurrentCount) { Start-Sleep -Milliseconds 5 } }
            Write-Warning "w$number"; Write-Output "o$number"
        }
        while ($ready.CurrentCount -ne 2 - $number) { Start-Sleep -Milliseconds 5 }
    }
    $null = Wait-Job -Job $jobs[0]
    foreach ($number in 1, 2) { $script:lines.Add("$Name, job $number`: warnings $($jobs[$number - 1].Warning)".TrimEnd()) }
    $turn.Set()
    Remove-Job -Job $jobs -Force
}
Test-Job 'thread jobs' @{}
Test-Job 'thread jobs, -StreamingHost $Host' @{ StreamingHost = $Host }
[IO.File]::WriteAllLines("$PWD/seen", $lines)
PS
timeout 120 tool/pwsh -NoProfile -NonInteractive -File try.ps1 >/dev/null
cat seen
cat >expected <<'TEXT'
without a host, command 1: o1 e1 w1 v1 i1 p1
without a host, command 2: o2 e2 w2 v2 i2 p2
without a host, command 3: o3 e3 w3 v3 i3 p3
$Host, command 1: o1 e1
$Host, command 2: o2 e2
$Host, command 3: o3 e3 session w1 v1 i1 p1
$Host, the last one ends first, command 1: o1 e1
$Host, the last one ends first, command 2: o2 e2
$Host, the last one ends first, command 3: o3 e3 session w3 v3 i3 p3
thread jobs, job 1: warnings w1
thread jobs, job 2: warnings
thread jobs, -StreamingHost $Host, job 1: warnings
thread jobs, -StreamingHost $Host, job 2: warnings w1
TEXT
diff expected seen
