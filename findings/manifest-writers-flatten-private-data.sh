#!/usr/bin/env bash
# The commands that write a manifest make texts of the values in PrivateData, so that $false there becomes 'False', which is true.
#
# Versions:  PowerShell 7.6.9 (NuGet tool), with the PowerShellGet 2.2.5 and PSResourceGet 1.2.0 that it brings.
# Guess:     New-ModuleManifest writes the hashtable of -PrivateData as a literal. Update-ModuleManifest and
#            Update-PSModuleManifest with -ModuleVersion write the version alone anew, and keep all else, perhaps not the
#            comments and the order.
# Seen:      all three write the values of PrivateData as strings: 'False', '3', for a table 'System.Collections.Hashtable'. A
#            list stays one only with Update-ModuleManifest, else it is 'a b'. Of PSData the known members arrive; one of your
#            own is moved up to PrivateData by Update-ModuleManifest, and is gone after Update-PSModuleManifest. After both
#            VariablesToExport = @() is gone, so that the module exports its variables from then on, and the empty
#            DscResourcesToExport too. New-ModuleManifest with a PSData in its -PrivateData writes that key twice, and nothing
#            reads the file. Update-ModuleManifest throws where a value is $null. None of them warns.
# So:        a script that raises a version replaces that one line of the file, and compares what Import-PowerShellDataFile
#            reads before and after. A module keeps its own settings in another file than the manifest.
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
$own = "On = `$true; Off = `$false; Number = 3; List = @('a', 'b'); One = @('a'); Table = @{ Level = 1 }"
function New-Copy([string] $Name, [string] $More = '') {
    $null = New-Item -ItemType Directory "$Work/$Name/Mine"
    Set-Content "$Work/$Name/Mine/Mine.psm1" '$Limit = 5; function Get-Mine { $Limit }; Export-ModuleMember -Function Get-Mine -Variable Limit'
    Set-Content "$Work/$Name/Mine/Mine.psd1" @"
@{
    RootModule = 'Mine.psm1'; ModuleVersion = '1.2.0'; GUID = '0f2a4d7e-8b1c-4e6f-9a3d-5c7b9e1f3a5d'
    Author = 'A'; CompanyName = 'C'; Copyright = 'R'; Description = 'D'
    FunctionsToExport = @('Get-Mine'); CmdletsToExport = @(); VariablesToExport = @(); AliasesToExport = @(); DscResourcesToExport = @()
    PrivateData = @{ $own$More; PSData = @{ Tags = @('T'); Prerelease = 'beta1'; Channels = @('Current') } }
}
"@
    "$Work/$Name/Mine/Mine.psd1"
}
function Get-Told([string] $Name, [string] $Path) {
    $data = Import-PowerShellDataFile $Path
    $own = foreach ($key in 'On', 'Off', 'Number', 'List', 'One', 'Table', 'Channels') {
        if ($data.PrivateData.ContainsKey($key)) { '{0} {1}' -f $key, (ConvertTo-Json -Compress $data.PrivateData[$key]) }
    }
    "${Name}: $($own -join ', ')"
    if ($Name -like 'New-*') { return }
    $lists = foreach ($key in 'FunctionsToExport', 'CmdletsToExport', 'VariablesToExport', 'DscResourcesToExport') { if ($data.ContainsKey($key)) { $key } }
    $module = Import-Module $Path -PassThru -Force -DisableNameChecking
    "${Name}: $($lists -join ', '), PSData of $(@($data.PrivateData.PSData.Keys | Sort-Object) -join ', '), exports $(@($module.ExportedVariables.Keys) -join ', ')"
    Remove-Module Mine
}
$PSStyle.OutputRendering = 'PlainText'
$seen = @(
    "versions: $((Get-Command Update-ModuleManifest).Version), $((Get-Command Update-PSModuleManifest).Version)"
    Get-Told 'as written' (New-Copy written)
    $path = New-Copy first
    Update-ModuleManifest -Path $path -ModuleVersion 1.3.0 -WarningVariable warned
    Get-Told 'Update-ModuleManifest' $path
    $path = New-Copy second
    Update-PSModuleManifest -Path $path -ModuleVersion 1.3.0 -WarningVariable +warned
    Get-Told 'Update-PSModuleManifest' $path
    $path = New-Copy third
    $own = (Import-PowerShellDataFile "$Work/written/Mine/Mine.psd1").PrivateData
    New-ModuleManifest -Path $path -RootModule Mine.psm1 -PrivateData $own -WarningVariable +warned
    try { $null = Import-PowerShellDataFile $path -ErrorAction Stop; 'New-ModuleManifest with PSData: read' }
    catch { "New-ModuleManifest with PSData: cannot be read, $(@(Select-String -Path $path -Pattern '^\s*PSData =').Count) lines of PSData" }
    $own.Remove('PSData')
    New-ModuleManifest -Path $path -RootModule Mine.psm1 -PrivateData $own -WarningVariable +warned
    Get-Told 'New-ModuleManifest' $path
    $path = New-Copy fourth '; Nothing = $null'
    $before = Get-Content -Raw $path
    try { Update-ModuleManifest -Path $path -ModuleVersion 1.3.0 -WarningVariable +warned; 'with $null: written' }
    catch { "with `$null: throws, file $(if ((Get-Content -Raw $path) -eq $before) { 'as before' } else { 'changed' })" }
    "warnings: $(@($warned).Count)"
)
$seen
$expected = @(
    'versions: 2.2.5, 1.2.0'
    'as written: On true, Off false, Number 3, List ["a","b"], One ["a"], Table {"Level":1}'
    'as written: FunctionsToExport, CmdletsToExport, VariablesToExport, DscResourcesToExport, PSData of Channels, Prerelease, Tags, exports '
    'Update-ModuleManifest: On "True", Off "False", Number "3", List ["a","b"], One ["a"], Table "System.Collections.Hashtable", Channels ["Current"]'
    'Update-ModuleManifest: FunctionsToExport, CmdletsToExport, PSData of Prerelease, Tags, exports Limit'
    'Update-PSModuleManifest: On "True", Off "False", Number "3", List "a b", One "a", Table "System.Collections.Hashtable"'
    'Update-PSModuleManifest: FunctionsToExport, CmdletsToExport, PSData of Prerelease, Tags, exports Limit'
    'New-ModuleManifest with PSData: cannot be read, 2 lines of PSData'
    'New-ModuleManifest: On "True", Off "False", Number "3", List "a b", One "a", Table "System.Collections.Hashtable"'
    'with $null: throws, file as before'
    'warnings: 0'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
