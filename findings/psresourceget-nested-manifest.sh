#!/usr/bin/env bash
# In a folder repository PSResourceGet takes a manifest in a folder of the module for the module's own, and cannot install it.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.PSResourceGet that it brings (1.2).
# Guess:     the manifest of a package is the one at its root. One of the same name deeper down, such as a copy for another
#            edition of PowerShell, is a file like any other.
# Seen:      Publish-PSResource goes by the one at the root, and names the package after its version. Find-PSResource then
#            shows the version and the author of the nested one, whatever its folder is called and whether its version is the
#            higher one. Save-PSResource calls the module "not present in repository". With the same version in both it is
#            saved, but what is shown is still the nested one's.
# So:        a module that ships a second manifest gives that another name, and a release job saves what it has published from
#            a folder repository before it goes anywhere.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
# Repositories are registered per user: this user is a new one.
export HOME="$work/home" DOTNET_CLI_HOME="$work/home" XDG_DATA_HOME="$work/home/data"
mkdir -p "$HOME/.config" "$HOME/data"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
param([string] $Work)
$ErrorActionPreference = 'Stop'
function New-Module([string] $Folder, [string] $Version, [string] $Author) {
    $null = [IO.Directory]::CreateDirectory($Folder)
    [IO.File]::WriteAllText("$Folder/Finding.psm1", '')
    $manifest = @{ Path = "$Folder/Finding.psd1"; RootModule = 'Finding.psm1'; ModuleVersion = $Version; Author = $Author }
    New-ModuleManifest @manifest -Description 'A module without commands.'
}
$cases = [ordered]@{
    'no nested manifest' = '', ''
    'nested, higher' = 'legacy', '9.0.0'
    'nested, lower' = 'zz/deep', '0.5.0'
    'nested, same version' = 'legacy', '1.2.0'
}
$seen = foreach ($name in $cases.Keys) {
    $sub, $version = $cases[$name]
    $folder = "$Work/$($name -replace '\W', '-')"
    New-Module "$folder/Finding" '1.2.0' 'outer'
    if ($sub) { New-Module "$folder/Finding/$sub" $version 'nested' }
    $null = [IO.Directory]::CreateDirectory("$folder/repository"), [IO.Directory]::CreateDirectory("$folder/saved")
    Register-PSResourceRepository -Name $name -Uri "$folder/repository" -Trusted
    Publish-PSResource -Path "$folder/Finding" -Repository $name
    $package = [IO.Path]::GetFileNameWithoutExtension([IO.Directory]::GetFiles("$folder/repository")[0])
    $found = Find-PSResource -Name Finding -Repository $name
    $saved = try { Save-PSResource -Name Finding -Repository $name -Path "$folder/saved"; 'saved' } catch { "$_" -replace "^'Finding' is " }
    "${name}: $package, found $($found.Version) of $($found.Author), $saved"
}
$seen
$expected = @(
    'no nested manifest: Finding.1.2.0, found 1.2.0 of outer, saved'
    'nested, higher: Finding.1.2.0, found 9.0.0 of nested, not present in repository'
    'nested, lower: Finding.1.2.0, found 0.5.0 of nested, not present in repository'
    'nested, same version: Finding.1.2.0, found 1.2.0 of nested, saved'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject @($seen) -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
