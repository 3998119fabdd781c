#!/usr/bin/env bash
# A bare `throw` in a catch block loses the ErrorDetails that the block has put on the error; `throw $_` keeps them.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     $_ is the error that was caught, and `throw` without a value throws just that again. So what the block changes
#            in $_, such as its ErrorDetails (the text and the advice that people see), arrives at the next catch both ways.
# Seen:      after `throw $_` the outer catch finds the new ErrorDetails. After a bare `throw` they are null and the text is
#            the first one, for an error by `throw` and for one by Write-Error -ErrorAction Stop. Exception.Data, which lies
#            in the exception and not in the record, arrives both ways.
# So:        a function that adds a host name or advice to an error that passes through must end with `throw $_`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$sources = [ordered]@{ throw = { throw 'refused' }; 'Write-Error' = { Write-Error 'refused' -ErrorAction Stop } }
function Add-Detail([scriptblock] $Source, [bool] $Bare) {
    try { & $Source } catch {
        $_.ErrorDetails = [Management.Automation.ErrorDetails]::new('pc1: refused')
        $_.Exception.Data['host'] = 'pc1'
        if ($Bare) { throw } else { throw $_ }
    }
}
$seen = foreach ($name in $sources.Keys) {
    foreach ($bare in $true, $false) {
        try { Add-Detail $sources[$name] $bare } catch { "$name, bare ${bare}: $_ ($($_.Exception.Data['host']))" }
    }
}
$seen
$expected = foreach ($name in $sources.Keys) { "$name, bare True: refused (pc1)"; "$name, bare False: pc1: refused (pc1)" }
if (Compare-Object -ReferenceObject @($expected) -DifferenceObject @($seen) -SyncWindow 0) { exit 1 }
PS
"$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
