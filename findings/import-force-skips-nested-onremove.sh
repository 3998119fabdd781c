#!/usr/bin/env bash
# Import-Module -Force loads nested modules anew, but never runs the OnRemove of the ones it replaces; Remove-Module does.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     -Force removes the module and imports it again, so what Remove-Module runs also runs here: the OnRemove blocks of
#            the module and of its nested ones. An OnRemove that throws is told, but the module goes.
# Seen:      Remove-Module runs those of the nested modules, the last one first, then the module's own. Import-Module -Force
#            runs only the module's own, while the nested modules are loaded a second time: what the first ones hold, such
#            as a process, stays, with nobody left to end it. An OnRemove that throws keeps its module in the session for
#            good: Remove-Module -Force and Import-Module -Force end with its error. Removing a module that imports another in
#            its own code runs the OnRemove of both.
# So:        what a nested module holds is ended by the OnRemove of the module around it. An OnRemove catches everything.
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
foreach ($name in 'Outer', 'First', 'Second') {
    [IO.File]::WriteAllText("$Work/$name.psm1", "`$global:log += '+$name'
        `$ExecutionContext.SessionState.Module.OnRemove = { `$global:log += '-$name' }")
}
[IO.File]::WriteAllText("$Work/Nesting.psd1", "@{ ModuleVersion = '1.0'; RootModule = 'Outer.psm1'; NestedModules = 'First.psm1', 'Second.psm1' }")
[IO.File]::WriteAllText("$Work/Importing.psm1", [IO.File]::ReadAllText("$Work/Outer.psm1") + "`nImport-Module `$PSScriptRoot/First.psm1")
[IO.File]::WriteAllText("$Work/Throwing.psm1", "`$ExecutionContext.SessionState.Module.OnRemove = { `$global:log += '-Throwing'; throw 'no' }")
function Get-Log([scriptblock] $Do) {
    $global:log = @()
    $how = try { & $Do; 'done' } catch { "error $_" }
    "${how}: $global:log"
}
$seen = @(
    "nested, import, $(Get-Log { Import-Module "$Work/Nesting.psd1" -Scope Global })"
    "nested, import -Force, $(Get-Log { Import-Module "$Work/Nesting.psd1" -Scope Global -Force })"
    "nested, remove, $(Get-Log { Remove-Module Nesting })"
    "in code, import, $(Get-Log { Import-Module "$Work/Importing.psm1" -Scope Global })"
    "in code, import -Force, $(Get-Log { Import-Module "$Work/Importing.psm1" -Scope Global -Force })"
    "in code, remove, $(Get-Log { Remove-Module Importing })"
    "throws, import, $(Get-Log { Import-Module "$Work/Throwing.psm1" -Scope Global })"
    "throws, import -Force, $(Get-Log { Import-Module "$Work/Throwing.psm1" -Scope Global -Force })"
    "throws, remove -Force, $(Get-Log { Remove-Module Throwing -Force })"
    "throws, left $(@(Get-Module Throwing).Count)"
)
$seen
$expected = @(
    'nested, import, done: +First +Second +Outer'
    'nested, import -Force, done: -Outer +First +Second +Outer'
    'nested, remove, done: -Second -First -Outer'
    'in code, import, done: +Outer +First'
    'in code, import -Force, done: -Outer +Outer'
    'in code, remove, done: -First -Outer'
    'throws, import, done: '
    'throws, import -Force, error no: -Throwing'
    'throws, remove -Force, error no: -Throwing'
    'throws, left 1'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
