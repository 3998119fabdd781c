#!/usr/bin/env bash
# PowerShell.HadErrors is true for errors that were ignored or caught, and for a program's exit code, but not for `exit 3`.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     HadErrors says in one word what Streams.Error says: whether an error came out of the script. What the script
#            caught, ignored or sent to $null does not count. `exit 3` counts, or leaves 3 in $LASTEXITCODE.
# Seen:      every error that a command wrote counts, also with -ErrorAction Ignore, 2>$null, or caught after -ErrorAction
#            Stop, and so does a program that ended with another code than 0: each time Streams.Error is empty. A caught
#            `throw` or exception of .NET does not count. `exit 3` ends the script as Completed, without an error, and
#            $LASTEXITCODE stays null; a thread job and a job of Start-Job are Completed too.
# So:        a host decides by Streams.Error and by what Invoke throws. A script that runs in a host or a job tells failure by
#            an error, never by `exit`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$scripts = @(
    'try { throw "x" } catch { }'
    'try { [int]::Parse("x") } catch { }'
    'try { Get-Item -LiteralPath /nothing -ErrorAction Stop } catch { }'
    'Get-Item -LiteralPath /nothing -ErrorAction Ignore'
    'Write-Error "x" -ErrorAction SilentlyContinue'
    'Write-Error "x" 2>$null'
    'Write-Error "x"'
    '/bin/false'
    '/bin/sh -c "echo x >&2"'
    '/bin/sh -c "echo x >&2" 2>&1'
    'exit 3'
)
$seen = @(foreach ($script in $scripts) {
    $runspace = [runspacefactory]::CreateRunspace()
    $runspace.Open()
    $shell = [powershell]::Create($runspace).AddScript($script)
    $null = $shell.Invoke()
    $code = [powershell]::Create($runspace).AddScript('$LASTEXITCODE').Invoke()
    "${script} -> $($shell.InvocationStateInfo.State), HadErrors $($shell.HadErrors), errors $($shell.Streams.Error.Count), code [$code]"
    $runspace.Dispose()
})
foreach ($start in 'Start-ThreadJob', 'Start-Job') {
    $job = & $start { exit 3 }
    $null = Wait-Job $job -Timeout 60
    $seen += "${start}: $($job.State), errors $(@(Receive-Job $job 2>&1).Count)"
}
$seen
$expected = @(
    'try { throw "x" } catch { } -> Completed, HadErrors False, errors 0, code []'
    'try { [int]::Parse("x") } catch { } -> Completed, HadErrors False, errors 0, code []'
    'try { Get-Item -LiteralPath /nothing -ErrorAction Stop } catch { } -> Completed, HadErrors True, errors 0, code []'
    'Get-Item -LiteralPath /nothing -ErrorAction Ignore -> Completed, HadErrors True, errors 0, code []'
    'Write-Error "x" -ErrorAction SilentlyContinue -> Completed, HadErrors True, errors 0, code []'
    'Write-Error "x" 2>$null -> Completed, HadErrors True, errors 0, code []'
    'Write-Error "x" -> Completed, HadErrors True, errors 1, code []'
    '/bin/false -> Completed, HadErrors True, errors 0, code [1]'
    '/bin/sh -c "echo x >&2" -> Completed, HadErrors True, errors 1, code [0]'
    '/bin/sh -c "echo x >&2" 2>&1 -> Completed, HadErrors False, errors 0, code [0]'
    'exit 3 -> Completed, HadErrors False, errors 0, code []'
    'Start-ThreadJob: Completed, errors 0'
    'Start-Job: Completed, errors 0'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
