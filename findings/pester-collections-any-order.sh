#!/usr/bin/env bash
# The new Should-BeCollection and Should-BeEquivalent of Pester 6 take items in any order, and equal bytes for different.
#
# Versions:  Pester 6.2.0 and PowerShell 7.6.9 (NuGet).
# Guess:     Should-BeCollection compares sizes and each item, as its help says, so that 2, 1 is not 1, 2, as with Should -Be.
#            Should-BeEquivalent goes into nested collections, and is lax about types, not about values.
# Seen:      both look for each expected item anywhere in the actual list: 2, 1 passes for 1, 2. In Should-BeEquivalent that
#            holds for properties, lists of objects and bytes too, and -Comparator Equality does not change it. How often an
#            item is there counts. Should-BeCollection fails for equal [byte[]] and for equal lists of lists, which the others
#            take. To Should-BeEquivalent two [regex] of different patterns are equal, 'no' is $true and '' is 0, in this
#            direction only, and [ordered] is not a hashtable, though the hashtable of ConvertFrom-Json is.
# So:        a test of an order (phases, sorted output, bytes) uses Should -Be or joins the items to one string. Who moves to
#            the new assertions turns an expected list round once, to see whether the test notices.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1 NO_COLOR=1
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
cat >packages.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Pester" Version="[6.2.0]" /></ItemGroup>
</Project>
XML
dotnet restore --packages "$work/packages" >/dev/null

cat >Sample.Tests.ps1 <<'PS'
Describe 'assertions' {
    It 'judge' {
        $judge = {
            param($What, $Actual, $Expected)
            $verdicts = foreach ($assertion in @(
                    { Should -ActualValue $Actual -Be $Expected }
                    { Should-BeCollection -Actual $Actual -Expected $Expected }
                    { Should-BeEquivalent -Actual $Actual -Expected $Expected }
                    { Should-BeEquivalent -Actual $Actual -Expected $Expected -Comparator Equality }
                )) {
                try { $null = & $assertion; 'passes' } catch { 'fails' }
            }
            [IO.File]::AppendAllText("$PSScriptRoot/seen", "${What}: $($verdicts -join ', ')`n")
        }
        & $judge 'same order' @(1, 2) @(1, 2)
        & $judge 'other order' @(2, 1) @(1, 2)
        & $judge 'other counts' @(1, 1, 2) @(1, 2, 2)
        & $judge 'same bytes' ([byte[]] (1, 2)) ([byte[]] (1, 2))
        & $judge 'bytes in other order' ([byte[]] (2, 1)) ([byte[]] (1, 2))
        & $judge 'equal lists of lists' @(@(1, 2), @(3, 4)) @(@(1, 2), @(3, 4))
        & $judge 'objects in other order' @([pscustomobject] @{ n = 2 }, [pscustomobject] @{ n = 1 }) @([pscustomobject] @{ n = 1 }, [pscustomobject] @{ n = 2 })
        $equivalent = {
            param($What, $Actual, $Expected)
            $verdict = try { $null = Should-BeEquivalent -Actual ([pscustomobject] @{ p = $Actual }) -Expected ([pscustomobject] @{ p = $Expected }); 'passes' } catch { 'fails' }
            [IO.File]::AppendAllText("$PSScriptRoot/seen", "property, ${What}: $verdict`n")
        }
        & $equivalent 'other order' @(2, 1) @(1, 2)
        & $equivalent 'other regex' ([regex] 'one') ([regex] 'two')
        & $equivalent 'other version' ([version] '1.0') ([version] '2.0')
        & $equivalent "'no' for `$true" 'no' $true
        & $equivalent "`$true for 'no'" $true 'no'
        & $equivalent "'' for 0" '' 0
        & $equivalent "0 for ''" 0 ''
        & $equivalent '[ordered] for a hashtable' ([ordered] @{ n = 1 }) @{ n = 1 }
        & $equivalent 'JSON as a hashtable' ('{"n":1}' | ConvertFrom-Json -AsHashtable) @{ n = 1 }
    }
}
PS
script="Import-Module '$work/packages/pester/6.2.0/tools/Pester.psd1'; Invoke-Pester '$work/Sample.Tests.ps1' -Output None"
timeout 200 "$work/tool/pwsh" -NoProfile -NonInteractive -Command "$script" >/dev/null
echo 'Should -Be, Should-BeCollection, Should-BeEquivalent, the last with -Comparator Equality'
cat seen
cat >expected <<'TEXT'
same order: passes, passes, passes, passes
other order: fails, passes, passes, passes
other counts: fails, fails, fails, fails
same bytes: passes, fails, passes, passes
bytes in other order: fails, fails, passes, passes
equal lists of lists: passes, fails, passes, passes
objects in other order: fails, fails, passes, passes
property, other order: passes
property, other regex: passes
property, other version: fails
property, 'no' for $true: passes
property, $true for 'no': fails
property, '' for 0: passes
property, 0 for '': fails
property, [ordered] for a hashtable: fails
property, JSON as a hashtable: passes
TEXT
diff expected seen
