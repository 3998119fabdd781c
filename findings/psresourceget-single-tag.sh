#!/usr/bin/env bash
# PSResourceGet loses a tag that is a module's only one, and finds nothing by command in a folder repository.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.PSResourceGet that it brings (1.2).
# Guess:     a folder of packages is searched as a feed is: by name, by tag, and by -CommandName and -DscResourceName, for which
#            the manifest lists what it exports.
# Seen:      -CommandName and -DscResourceName find nothing, though the manifest lists the function and the resource. Two tags
#            are found. A single tag, which New-ModuleManifest writes as a string instead of a list, is not: Publish-PSResource
#            leaves it out of the package, so that no feed has it either. The same tag in a list of one is packed and found.
# So:        a script that picks modules from a share goes by name. A manifest writes its tags as a list: Tags = @('one').
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
function Publish-Finding([string] $Name, [string[]] $Tags, [bool] $AsList) {
    $folder = [IO.Directory]::CreateDirectory("$Work/$Name").FullName
    [IO.File]::WriteAllText("$folder/$Name.psm1", "function Get-$Name {}`n[DscResource()] class Dsc$Name {
        [DscProperty(Key)] [string] `$Key; [Dsc$Name] Get() { return `$this }; [void] Set() {}; [bool] Test() { return `$true } }")
    New-ModuleManifest -Path "$folder/$Name.psd1" -RootModule "$Name.psm1" -ModuleVersion 1.0.0 -Author finding -Tags $Tags `
        -Description 'A module with a command.' -FunctionsToExport "Get-$Name" -DscResourcesToExport "Dsc$Name"
    if ($AsList) {
        $text = [IO.File]::ReadAllText("$folder/$Name.psd1") -replace "(?m)^(\s*Tags = )('\w+')", '$1@($2)'
        [IO.File]::WriteAllText("$folder/$Name.psd1", $text)
    }
    Publish-PSResource -Path $folder -Repository finding
}
$repository = [IO.Directory]::CreateDirectory("$Work/repository").FullName
Register-PSResourceRepository -Name finding -Uri $repository -Trusted
Publish-Finding -Name TwoTags -Tags alpha, beta
Publish-Finding -Name OneTag -Tags gamma
Publish-Finding -Name OneInList -Tags delta -AsList $true
function Find-Name([hashtable] $By) {
    $found = try { (Find-PSResource @By -Repository finding | Sort-Object Name).Name -join ' ' } catch { 'nothing' }
    "$($By.Keys) $($By.Values): $(if ($found) { $found } else { 'nothing' })"
}
$seen = @(
    Find-Name @{ Name = '*Tag*' }
    Find-Name @{ Tag = 'beta' }
    Find-Name @{ Tag = 'gamma' }
    Find-Name @{ Tag = 'delta' }
    Find-Name @{ CommandName = 'Get-TwoTags' }
    Find-Name @{ DscResourceName = 'DscTwoTags' }
    foreach ($name in 'TwoTags', 'OneTag', 'OneInList') {
        $package = [IO.Compression.ZipFile]::OpenRead("$repository/$name.1.0.0.nupkg")
        $reader = [IO.StreamReader]::new($package.GetEntry("$name.nuspec").Open())
        "package ${name}: $(([xml] $reader.ReadToEnd()).package.metadata.tags)"
        $reader.Dispose()
        $package.Dispose()
    }
)
$seen
$expected = @(
    'Name *Tag*: OneTag TwoTags'
    'Tag beta: TwoTags'
    'Tag gamma: nothing'
    'Tag delta: OneInList'
    'CommandName Get-TwoTags: nothing'
    'DscResourceName DscTwoTags: nothing'
    'package TwoTags: PSModule alpha beta'
    'package OneTag: PSModule'
    'package OneInList: PSModule delta'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
