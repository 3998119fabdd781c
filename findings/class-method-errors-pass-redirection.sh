#!/usr/bin/env bash
# What Write-Error writes in a method of a class reaches neither 2>&1, 2>$null nor -ErrorVariable, only the session itself.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a method returns only what `return` says, but the other streams are those of the function that calls it: errors
#            and warnings can be redirected, and collected by the common parameters of that function.
# Seen:      by *>&1 the caller gets the warning and the information, but not the error: that is shown, and is in $Error, also
#            after 2>$null, and a redirection to a file leaves that empty. -ErrorVariable, -WarningVariable and
#            -InformationVariable of the function stay empty for all three. -ErrorAction Stop and SilentlyContinue do work,
#            and in a hosted session the error is in Streams.Error. The same lines in a function do all that one expects.
# So:        a method throws, or returns what went wrong; the function that calls it writes the errors. A caller that has to
#            silence such a method does it by -ErrorAction.
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
class Tool {
    static [string] Run() { Write-Error 'refused'; Write-Warning 'careful'; Write-Information 'noted'; return 'result' }
}
function Invoke-Run { Write-Error 'refused'; Write-Warning 'careful'; Write-Information 'noted'; return 'result' }
function Use-Method { [CmdletBinding()] param() [Tool]::Run() }
function Use-Function { [CmdletBinding()] param() Invoke-Run }
function Get-Kind($Items) { (@(foreach ($item in $Items) { $item.GetType().Name -replace 'Record$' }) -join ' ') }
$seen = @(foreach ($name in 'Use-Function', 'Use-Method') {
    "$name, *>&1: $(Get-Kind @(& $name *>&1))"
    $Error.Clear()
    $null = & $name 2>"$Work/errors.txt" 3>$null
    "$name, 2>file: $([IO.File]::ReadAllText("$Work/errors.txt") -ne '' ? 'has it' : 'empty'), `$Error $($Error.Count)"
    $null = & $name -ErrorVariable errors -WarningVariable warnings -InformationVariable notes 2>$null 3>$null
    "$name, variables: $($errors.Count) $($warnings.Count) $($notes.Count)"
    "$name, Stop: $(try { & $name -ErrorAction Stop } catch { "caught $_" })"
    # Who hosts it sees it in the stream, unless it was silenced.
    $counts = foreach ($ending in '', '2>$null', '-ErrorAction SilentlyContinue') {
        $code = "class Tool { static [string] Run() { ${function:Invoke-Run} } }; function Invoke-Run { ${function:Invoke-Run} }
            function Use-Method { ${function:Use-Method} }; function Use-Function { ${function:Use-Function} }; $name $ending"
        $shell = [powershell]::Create().AddScript($code)
        $null = $shell.Invoke()
        $shell.Streams.Error.Count
        $shell.Dispose()
    }
    "$name, hosted, 2>`$null, SilentlyContinue: $counts"
})
$seen
$expected = @(
    'Use-Function, *>&1: Error Warning Information String'
    'Use-Function, 2>file: has it, $Error 1'
    'Use-Function, variables: 1 1 1'
    'Use-Function, Stop: caught refused'
    'Use-Function, hosted, 2>$null, SilentlyContinue: 1 0 0'
    'Use-Method, *>&1: Warning Information String'
    'Use-Method, 2>file: empty, $Error 1'
    'Use-Method, variables: 0 0 0'
    'Use-Method, Stop: caught refused'
    'Use-Method, hosted, 2>$null, SilentlyContinue: 1 1 0'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
