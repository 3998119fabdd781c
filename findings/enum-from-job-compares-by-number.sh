#!/usr/bin/env bash
# An enum that comes out of a job or a file shows its name, but is compared by its number: -eq 'Monday' is false.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     an enum arrives as its name, a string, so that -eq, switch and Where-Object find it as they find the live one, and
#            a table shows the name.
# Seen:      it is an [int] with the name laid over it. Tables, [string], -join, -like, -match and the cast back to the enum
#            take the name; a double-quoted string, -eq, -in, switch and Where-Object take the number. `$x` and "$x"
#            therefore differ, and -eq 'Monday' is false without an error. In JSON it is an object with "value" and
#            "Value", which ConvertFrom-Json refuses. Start-Job and Export-Clixml do the same; a thread job hands
#            over the enum itself.
# So:        a function whose results may pass through a job or a remote session gives strings instead of enums. A caller
#            casts first, to [string] or to the enum.
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
$make = { [System.DayOfWeek]::Monday }
& $make | Export-Clixml -Path "$Work/day.xml"
$days = [ordered]@{
    live = & $make
    'thread job' = Start-ThreadJob $make | Receive-Job -Wait
    job = Start-Job $make | Receive-Job -Wait
    file = Import-Clixml -Path "$Work/day.xml"
}
$tests = [ordered]@{
    'table' = { ([pscustomobject]@{ Day = $day } | Format-Table -HideTableHeaders | Out-String).Trim() }
    '[string]' = { [string] $day }
    'in quotes' = { "$day" }
    '-join' = { $day, 'x' -join '' }
    '-like' = { $day -like 'Mon*' }
    '-eq name' = { $day -eq 'Monday' }
    'name -eq' = { 'Monday' -eq $day }
    '-in' = { $day -in 'Sunday', 'Monday' }
    'switch' = { switch ($day) { 'Monday' { 'by name' } 1 { 'by number' } } }
    'Where-Object' = { @([pscustomobject]@{ Day = $day } | Where-Object Day -EQ 'Monday').Count }
    '-eq enum' = { $day -eq [System.DayOfWeek]::Monday }
    '[string] -eq' = { [string] $day -eq 'Monday' }
    'JSON and back' = { try { ($day | ConvertTo-Json -Compress | ConvertFrom-Json).GetType().Name } catch { $_.FullyQualifiedErrorId -replace ',.*' } }
}
$seen = foreach ($name in $days.Keys) {
    $day = $days[$name]
    "${name}: $(@(foreach ($test in $tests.Keys) { "$test $(& $tests[$test])" }) -join ', ')"
}
$seen
$live = 'table Monday, [string] Monday, in quotes Monday, -join Mondayx, -like True, -eq name True, name -eq True, -in True, ' +
    'switch by name, Where-Object 1, -eq enum True, [string] -eq True, JSON and back Int64'
$read = 'table Monday, [string] Monday, in quotes 1, -join Mondayx, -like True, -eq name False, name -eq False, -in False, ' +
    'switch by number, Where-Object 0, -eq enum True, [string] -eq True, JSON and back KeysWithDifferentCasingInJsonString'
$expected = @("live: $live", "thread job: $live", "job: $read", "file: $read")
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
