#!/usr/bin/env bash
# A module whose manifest requires exactly version 1 of another calls version 2 as soon as anybody imports that.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     RequiredVersion in RequiredModules binds: the module calls that version, whatever else is loaded, or the import of
#            the other one is refused. A call by the full name, Module\Command, is at least as sure as one by the name alone.
# Seen:      required modules are imported into the session for everybody, and the version that was imported last wins in all
#            of them, in either order, also after a plain Import-Module by the user. Removing the module that wanted version 2
#            leaves it in place. No warning comes. A module that imports version 1 in its own code, by `using module` or as a
#            nested module keeps it; but there the full name is the less sure one: once the session has version 2, it
#            leads to that.
# So:        a module that needs one version of another imports it in its own code, or nests it, and calls it by the plain name.
#            RequiredVersion in the manifest only says what is loaded first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
param([string] $Modules)
function Save-Module([string] $Folder, [string] $Name, [string] $Version, [string] $Code, [string] $More) {
    $null = [IO.Directory]::CreateDirectory("$Modules/$Folder")
    [IO.File]::WriteAllText("$Modules/$Folder/$Name.psm1", $Code)
    [IO.File]::WriteAllText("$Modules/$Folder/$Name.psd1", "@{ ModuleVersion = '$Version'; RootModule = '$Name.psm1'; FunctionsToExport = 'Get-$Name'; $More }")
}
foreach ($version in '1.0.0', '2.0.0') { Save-Module "Dep/$version" Dep $version "function Get-Dep { '$version' }" '' }
$kinds = 'Required', 'Code', 'Using', 'Nested'
foreach ($kind in $kinds) {
    foreach ($wanted in @{ Old = '1.0.0' }, @{ New = '2.0.0' }) {
        $name = "$kind$($wanted.Keys)"
        $version = "$($wanted.Values)"
        $exact = "@{ ModuleName = 'Dep'; RequiredVersion = '$version' }"
        $first = @{ Code = "Import-Module Dep -RequiredVersion $version"; Using = "using module $exact" }[$kind]
        $more = @{ Required = "RequiredModules = $exact"; Nested = "NestedModules = '$Modules/Dep/$version/Dep.psd1'" }[$kind]
        Save-Module $name $name '1.0.0' "$first`nfunction Get-$name { `"`$(Get-Dep) full `$(Dep\Get-Dep)`" }" $more
    }
}
$env:PSModulePath = $Modules
function Test-Session([string] $Script) {
    $shell = [powershell]::Create().AddScript($Script)
    "$($shell.Invoke())$(if ($shell.Streams.Warning.Count + $shell.Streams.Error.Count) { ', told' })"
    $shell.Dispose()
}
$seen = foreach ($kind in $kinds) {
    "$kind, alone: $(Test-Session "Import-Module ${kind}Old; Get-${kind}Old")"
    "$kind, then New: $(Test-Session "Import-Module ${kind}Old; Import-Module ${kind}New; Get-${kind}Old")"
    "$kind, New first: $(Test-Session "Import-Module ${kind}New; Import-Module ${kind}Old; Get-${kind}New")"
    "$kind, New removed: $(Test-Session "Import-Module ${kind}Old; Import-Module ${kind}New; Remove-Module ${kind}New; Get-${kind}Old")"
    "$kind, user imports 2: $(Test-Session "Import-Module ${kind}Old; Import-Module Dep -RequiredVersion 2.0.0; Get-${kind}Old")"
}
$seen
$expected = @(
    'Required, alone: 1.0.0 full 1.0.0'
    'Required, then New: 2.0.0 full 2.0.0'
    'Required, New first: 1.0.0 full 1.0.0'
    'Required, New removed: 2.0.0 full 2.0.0'
    'Required, user imports 2: 2.0.0 full 2.0.0'
    foreach ($kind in 'Code', 'Using', 'Nested') {
        "$kind, alone: 1.0.0 full 1.0.0"
        "$kind, then New: 1.0.0 full 1.0.0"
        "$kind, New first: 2.0.0 full 2.0.0"
        "$kind, New removed: 1.0.0 full 1.0.0"
        "$kind, user imports 2: 1.0.0 full 2.0.0"
    }
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Modules "$work/modules"
