#!/usr/bin/env bash
# Publish-PSResource -SkipDependenciesCheck still needs the required modules on this machine.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the Microsoft.PowerShell.PSResourceGet that it brings (1.2).
# Guess:     with -SkipDependenciesCheck a module is packed and copied into a folder repository, whatever it requires.
# Seen:      the cmdlet first validates the manifest as Test-ModuleManifest does, and that resolves RequiredModules against
#            PSModulePath. A required module that is not installed fails the publication, and the error speaks of an invalid
#            RequiredModules entry, not of a missing module. Once the module's folder is on PSModulePath, the same command works.
# So:        a release job that publishes two modules of one repository must put both on PSModulePath first, in any order.
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
$modules = [IO.Path]::Combine($Work, 'modules')
$repository = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Work, 'repository')).FullName
foreach ($name in 'FindingBase', 'FindingUser') {
    $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine($modules, $name)).FullName
    [IO.File]::WriteAllText([IO.Path]::Combine($folder, "$name.psm1"), '')
    $manifest = @{
        Path = [IO.Path]::Combine($folder, "$name.psd1"); RootModule = "$name.psm1"
        ModuleVersion = '1.0.0'; Author = 'finding'; Description = 'A module without commands.'
    }
    if ($name -eq 'FindingUser') { $manifest.RequiredModules = @(@{ ModuleName = 'FindingBase'; ModuleVersion = '1.0.0' }) }
    New-ModuleManifest @manifest
}
Register-PSResourceRepository -Name finding -Uri $repository -Trusted
$publish = { Publish-PSResource -Path ([IO.Path]::Combine($modules, 'FindingUser')) -Repository finding -SkipDependenciesCheck }
$alone = try { & $publish; 'published' } catch { "$_" }
$env:PSModulePath = $modules + [IO.Path]::PathSeparator + $env:PSModulePath
$together = try { & $publish; 'published' } catch { "$_" }
"PSResourceGet $((Get-Module Microsoft.PowerShell.PSResourceGet).Version)"
"without the required module: $alone"
"with it on PSModulePath: $together"
if ($alone -notmatch 'RequiredModules' -or $together -ne 'published') { exit 1 }
PS
"$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
