#!/usr/bin/env bash
# Find-PSResource -Version 1.* finds version 2 as well, where Save-PSResource and Install-PSResource take the newest 1.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.PSResourceGet that it brings (1.2).
# Guess:     -Version means the same for the three: 1.* floats within 1 and 1.2.* within 1.2, as NuGet has it. So the first
#            that Find-PSResource shows is what would be installed.
# Seen:      Find-PSResource takes only the part before the star, as the lowest version: 1.* and 1.2.* find 2.0.0 first, and
#            0.* and 1.5.*, of which there are none, find what is newer. With -Prerelease a preview of 3 is found for 2.*.
#            Save-PSResource and Install-PSResource float, and fail where there is nothing within. A range with both ends is
#            the same for all.
# So:        a script that asks whether there is an update within a version writes both ends, [1.0,2.0). The output of
#            Find-PSResource with a star does not go into Save-PSResource.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
# Repositories are registered, and modules installed, per user: this user is a new one.
export HOME="$work/home" DOTNET_CLI_HOME="$work/home" XDG_DATA_HOME="$work/home/data"
mkdir -p "$HOME/.config" "$HOME/data"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >try.ps1 <<'PS'
param([string] $Work)
$ErrorActionPreference = 'Stop'
$repository = [IO.Directory]::CreateDirectory("$Work/repository").FullName
Register-PSResourceRepository -Name finding -Uri $repository -Trusted
foreach ($version in '1.0.0', '1.2.0', '1.10.0', '2.0.0', '3.0.0-preview') {
    $number, $label = $version -split '-'
    $folder = [IO.Directory]::CreateDirectory("$Work/source/Sample").FullName
    [IO.File]::WriteAllText("$folder/Sample.psm1", "function Get-Sample { '$version' }")
    $manifest = @{ Path = "$folder/Sample.psd1"; RootModule = 'Sample.psm1'; ModuleVersion = $number; Author = 'finding'; Description = 'A sample.' }
    if ($label) { $manifest.Prerelease = $label }
    New-ModuleManifest @manifest
    Publish-PSResource -Path $folder -Repository finding
}
function Format-Version($Found) { (@($Found) | ForEach-Object { "$($_.Version)$(if ($_.Prerelease) { "-$($_.Prerelease)" })" }) -join ' ' }
function Save-Sample([string] $Version, [bool] $Prerelease) {
    $target = [IO.Directory]::CreateDirectory("$Work/saved/$([guid]::NewGuid())").FullName
    try { Save-PSResource -Name Sample -Version $Version -Repository finding -Path $target -Prerelease:$Prerelease } catch { return 'an error' }
    $data = Import-PowerShellDataFile (Get-ChildItem $target -Recurse -Filter Sample.psd1)
    "$($data.ModuleVersion)$(if ($data.PrivateData.PSData.Prerelease) { "-$($data.PrivateData.PSData.Prerelease)" })"
}
foreach ($prerelease in $false, $true) {
    foreach ($version in '1.*', '1.2.*', '1.5.*', '0.*', '2.*', '[1.0,2.0)') {
        $found = Format-Version (Find-PSResource -Name Sample -Version $version -Repository finding -Prerelease:$prerelease)
        "$version$(if ($prerelease) { ' -Prerelease' }): finds $found; saves $(Save-Sample $version $prerelease)"
    }
}
Install-PSResource -Name Sample -Version '1.*' -Repository finding
"installs 1.*: $(Format-Version (Get-PSResource -Name Sample))"
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File try.ps1 -Work "$work" | tee seen
cat >expected <<'TEXT'
1.*: finds 2.0.0 1.10.0 1.2.0 1.0.0; saves 1.10.0
1.2.*: finds 2.0.0 1.10.0 1.2.0; saves 1.2.0
1.5.*: finds 2.0.0 1.10.0; saves an error
0.*: finds 2.0.0 1.10.0 1.2.0 1.0.0; saves an error
2.*: finds 2.0.0; saves 2.0.0
[1.0,2.0): finds 1.10.0 1.2.0 1.0.0; saves 1.10.0
1.* -Prerelease: finds 3.0.0-preview 2.0.0 1.10.0 1.2.0 1.0.0; saves 1.10.0
1.2.* -Prerelease: finds 3.0.0-preview 2.0.0 1.10.0 1.2.0; saves 1.2.0
1.5.* -Prerelease: finds 3.0.0-preview 2.0.0 1.10.0; saves an error
0.* -Prerelease: finds 3.0.0-preview 2.0.0 1.10.0 1.2.0 1.0.0; saves an error
2.* -Prerelease: finds 3.0.0-preview 2.0.0; saves 2.0.0
[1.0,2.0) -Prerelease: finds 1.10.0 1.2.0 1.0.0; saves 1.10.0
installs 1.*: 1.10.0
TEXT
diff expected seen
