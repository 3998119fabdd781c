#!/usr/bin/env bash
# Update-PSScriptFileInfo deletes what stands before the help comment of a script: a using, Set-StrictMode, even all of its code.
#
# Versions:  PowerShell 7.6.9 (NuGet tool) with the PSResourceGet 1.2.0 that it brings.
# Guess:     -Version changes the version in the block of the script's data. The rest of the file stays byte for byte, and what
#            the command cannot keep it refuses, as it does a script without help.
# Seen:      the file is put together anew from the data, the #Requires lines, the first other comment block as help, and what
#            follows that block. All between the data and the help is gone without a warning: a licence line, `using`,
#            Set-StrictMode, and the whole script where its help stands at the end, which is allowed. So are a #! line, a
#            member of your own among the data, the empty lines of the help and, on Linux, CRLF. If the first block is the help
#            of a function, the head of that function is gone, and the file does not parse. Test-PSScriptFileInfo is true all
#            along.
# So:        a script for this command has its help right behind the data, its code behind that, and no #! line. A build that
#            raises a version replaces that one line, or compares the tokens of both files.
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
$data = "<#PSScriptInfo`n.VERSION 1.0.0`n.GUID 5d0c8a1e-6f27-4b93-9e4a-2c7d1b8f6a30`n.AUTHOR A`n.OWN kept`n#>"
$help = "<#`n.DESCRIPTION`nSays hello.`n`nAnd no more.`n#>"
$code = "param([string] `$Name)`n`"hello `$Name`""
$scripts = [ordered]@{
    'help first'           = $data, $help, $code
    '#Requires'            = $data, '#Requires -Version 7.2', $help, $code
    'a licence line'       = $data, '# Licence: MIT', $help, $code
    'using'                = $data, 'using namespace System.IO', $help, $code
    'using after the help' = $data, $help, 'using namespace System.IO', $code
    'Set-StrictMode'       = $data, 'Set-StrictMode -Version Latest', $help, $code
    'help last'            = $data, $code, $help
    'help of a function'   = $data, 'function Get-Hello {', $help, '}', $code
    '#! line'              = '#!/usr/bin/env pwsh', $data, $help, $code
    'no help'              = $data, $code
}
function Get-Lines([string] $Text) { $Text -split "`r?`n" | ForEach-Object Trim | Where-Object { $_ -and $_ -notlike '.VERSION*' } }
function Update-Copy([string] $Text) {
    $path = "$Work/copy.ps1"
    [IO.File]::WriteAllText($path, $Text)
    try { Update-PSScriptFileInfo -Path $path -Version 1.1.0 -ErrorAction Stop -WarningVariable warned }
    catch { return "refused, $(if ([IO.File]::ReadAllText($path) -ceq $Text) { 'as it was' } else { 'changed' })" }
    $new = [IO.File]::ReadAllText($path)
    $lines = Get-Lines $new
    $gone = Get-Lines $Text | Where-Object { $_ -notin $lines }
    $broken = $null
    $null = [System.Management.Automation.Language.Parser]::ParseInput($new, [ref] $null, [ref] $broken)
    "gone [$($gone -join ' | ')], $(if ($broken) { 'does not parse' } else { 'parses' }), test $(Test-PSScriptFileInfo -Path $path -WarningAction SilentlyContinue), warnings $($warned.Count)"
}
$seen = @(
    foreach ($name in $scripts.Keys) { '{0}: {1}' -f $name, (Update-Copy ($scripts[$name] -join "`n")) }
    $null = Update-Copy (($data, $help, $code -join "`n") -replace "`n", "`r`n")
    $new = [IO.File]::ReadAllText("$Work/copy.ps1")
    "written with CRLF: CRLF $($new.Contains("`r`n")), the empty line in the help $($new -match 'hello\.\r?\n\r?\n')"
)
$seen
$expected = @(
    'help first: gone [.OWN kept], parses, test True, warnings 0'
    '#Requires: gone [.OWN kept], parses, test True, warnings 0'
    'a licence line: gone [.OWN kept | # Licence: MIT], parses, test True, warnings 0'
    'using: gone [.OWN kept | using namespace System.IO], parses, test True, warnings 0'
    'using after the help: gone [.OWN kept], parses, test True, warnings 0'
    'Set-StrictMode: gone [.OWN kept | Set-StrictMode -Version Latest], parses, test True, warnings 0'
    'help last: gone [.OWN kept | param([string] $Name) | "hello $Name"], parses, test True, warnings 0'
    'help of a function: gone [.OWN kept | function Get-Hello {], does not parse, test True, warnings 0'
    '#! line: gone [#!/usr/bin/env pwsh | .OWN kept], parses, test True, warnings 0'
    'no help: refused, as it was'
    'written with CRLF: CRLF False, the empty line in the help False'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
