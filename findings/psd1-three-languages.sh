#!/usr/bin/env bash
# What may stand in a .psd1 depends on who reads it: the three readers of PowerShell take three different languages.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a .psd1 is in PowerShell's restricted data language, so a manifest that Test-ModuleManifest takes can be read by
#            Import-PowerShellDataFile and Import-LocalizedData too. The former is the strictest: what it takes, all take.
# Seen:      none holds another. A manifest may choose by $PSEdition, call Join-Path, and use $PSScriptRoot and $env:HOME; of
#            these the other two take none. `+` and comparisons work in a manifest and for Import-LocalizedData; for
#            Import-PowerShellDataFile they do not, but it takes an index and a script block, which neither of the others
#            takes. `? :`, strings with a literal in $(), and 1KB work with all three.
# So:        a release script reads the version of a manifest with Test-ModuleManifest. A manifest that other tools read as
#            data holds nothing but literals, and a data file is tried with the reader that will read it.
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
$values = [ordered]@{
    literal = "'x'"
    edition = "if (`$PSEdition -eq 'Core') { 'x' } else { 'y' }"
    folder = '$PSScriptRoot'
    variable = '$env:HOME'
    command = "Join-Path 'a' 'b'"
    sum = "'x' + '.psm1'"
    comparison = '1 -eq 1'
    index = "@('x', 'y')[0]"
    block = '{ 1 }'
    ternary = '$true ? 1 : 2'
    string = '"$(''x'').psm1"'
    size = '1KB'
    cast = "[version] '1.0'"
}
$seen = foreach ($name in $values.Keys) {
    $folder = [IO.Directory]::CreateDirectory("$Work/$name").FullName
    $path = "$folder/$name.psd1"
    [IO.File]::WriteAllText($path, "@{ ModuleVersion = '1.0.0'; PrivateData = @{ Value = $($values[$name]) } }")
    $readers = [ordered]@{
        manifest = { Test-ModuleManifest -Path $path -ErrorAction Stop }
        localized = { Import-LocalizedData -BaseDirectory $folder -FileName "$name.psd1" -ErrorAction Stop }
        data = { Import-PowerShellDataFile -Path $path -ErrorAction Stop }
    }
    $taking = foreach ($reader in $readers.Keys) {
        try { if ($null -ne (& $readers[$reader]).PrivateData.Value) { $reader } } catch { $null = $_ }
    }
    "${name}: $(if ($taking) { $taking -join ' ' } else { 'none' })"
}
$seen
$expected = @(
    'literal: manifest localized data'
    'edition: manifest'
    'folder: manifest'
    'variable: manifest'
    'command: manifest'
    'sum: manifest localized'
    'comparison: manifest localized'
    'index: data'
    'block: data'
    'ternary: manifest localized data'
    'string: manifest localized data'
    'size: manifest localized data'
    'cast: none'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
