#!/usr/bin/env bash
# The depth of Export-Clixml and of jobs counts only objects of .NET types: custom objects and hashtables never use it up.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     the depth (2 by default for Export-Clixml, 1 for jobs) counts levels, as that of ConvertTo-Json does: of an object
#            in an object in an object the innermost becomes a string, whatever it is made of.
# Seen:      [pscustomobject], hashtables and arrays do not count: five in one another arrive whole with a depth of 1, and from
#            a job. An instance of a class counts, and only along its own line: below two custom objects the first instance is
#            whole and the one in it becomes the name of its class. Where the depth is used up, a custom object is a string
#            that carries its members: $x.In still works, but ConvertTo-Json and a table show only the text. Nothing tells.
# So:        a function whose results pass through jobs builds them of [pscustomobject] all the way down. One that puts them in
#            an instance of a class gives callers something that is half a string. A small depth does not make a small file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$define = 'class Thing { $In; Thing($In) { $this.In = $In } }; function New-Custom($In) { [pscustomobject] @{ In = $In } }'
. ([scriptblock]::Create($define))
$makes = [ordered]@{
    'custom' = { New-Custom (New-Custom (New-Custom (New-Custom (New-Custom 'end')))) }
    'hashtable' = { @{ In = @{ In = @{ In = @{ In = @{ In = 'end' } } } } } }
    'array' = { @{ In = @(, @(, @(, @('end')))) } }
    'class' = { [Thing]::new('end') }
    'class, class' = { [Thing]::new([Thing]::new('end')) }
    'custom, class' = { New-Custom ([Thing]::new('end')) }
    'custom, custom, class' = { New-Custom (New-Custom ([Thing]::new('end'))) }
    'custom, class, class' = { New-Custom ([Thing]::new([Thing]::new('end'))) }
    'class, custom, custom' = { [Thing]::new((New-Custom (New-Custom 'end'))) }
    'class, custom, class' = { [Thing]::new((New-Custom ([Thing]::new('end')))) }
}
# Goes in until something stops being an object.
function Get-End($Value) {
    while ($true) {
        if ($Value -is [System.Collections.IList]) { $Value = $Value[0] }
        elseif ($Value -is [string]) { return "$($Value.In ? "text with $($Value.In -is [string] ? 'a text' : 'more')" : $Value)" }
        else { $Value = $Value.In }
    }
}
$all = [scriptblock]::Create("$define; " + (@(foreach ($make in $makes.Values) { "@{ Value = & { $make } }" }) -join '; '))
$fromJob = @(Start-Job $all | Receive-Job -Wait)
$at = 0
$seen = foreach ($name in $makes.Keys) {
    $value = & $makes[$name]
    $ends = foreach ($depth in 1, 2) {
        Get-End ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($value, $depth)))
    }
    "${name}: 1 $($ends[0]), 2 $($ends[1]), job $(Get-End $fromJob[$at++].Value)"
}
$value = [Thing]::new((New-Custom (New-Custom 'end')))
$read = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($value, 1))
$seen += "in JSON: $($read | ConvertTo-Json -Compress -Depth 9)"
$seen
$expected = @(
    'custom: 1 end, 2 end, job end'
    'hashtable: 1 end, 2 end, job end'
    'array: 1 end, 2 end, job end'
    'class: 1 end, 2 end, job end'
    'class, class: 1 Thing, 2 end, job Thing'
    'custom, class: 1 end, 2 end, job end'
    'custom, custom, class: 1 end, 2 end, job end'
    'custom, class, class: 1 Thing, 2 end, job Thing'
    'class, custom, custom: 1 text with a text, 2 end, job text with a text'
    'class, custom, class: 1 text with a text, 2 end, job text with a text'
    'in JSON: {"In":"@{In=}"}'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
