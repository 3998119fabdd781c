#!/usr/bin/env bash
# A broken AfterAll or discovery is in Pester's result files without its text: in two of three formats not even in the counts.
#
# Versions:  Pester 6.2.0 and PowerShell 7.6.9 (NuGet).
# Guess:     what makes a run Failed is in the result file, as a failure or an error with its message, so that a CI that reads
#            the file shows the same. A file whose discovery fails has no tests to run.
# Seen:      an AfterAll that throws leaves FailedCount 0. In NUnitXml failures and errors are 0 too and only the result of the
#            suites is Failure; in JUnitXml one error is counted at the root, while the suite has none. In both its message
#            is nowhere; NUnit3 has it. If a file throws in its discovery, the tests that it found by then run and pass, and no
#            format has the message. A BeforeAll of the file that throws fails its tests, in each format with a text that only
#            supposes that something in a parent failed.
# So:        a CI step ends by the Result of Invoke-Pester, or by Run.Exit, not by FailedCount or by the file; and it keeps the
#            console's output, which alone has all the messages. What may throw stands in an It.
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

mkdir tests
cat >tests/AfterAll.Tests.ps1 <<'PS'
Describe 'group' {
    It 'one' { 1 | Should -Be 1 }
    AfterAll { throw 'this broke' }
}
PS
cat >tests/Discovery.Tests.ps1 <<'PS'
Describe 'group' { It 'one' { 1 | Should -Be 1 } }
throw 'this broke'
Describe 'another' { It 'two' { 1 | Should -Be 2 } }
PS
cat >tests/FileBeforeAll.Tests.ps1 <<'PS'
BeforeAll { throw 'this broke' }
Describe 'group' { It 'one' { 1 | Should -Be 1 } }
PS
cat >tests/It.Tests.ps1 <<'PS'
Describe 'group' { It 'one' { throw 'this broke' } }
PS
cat >try.ps1 <<'PS'
param([string] $Work)
$ErrorActionPreference = 'Stop'
Import-Module "$Work/packages/pester/6.2.0/tools/Pester.psd1"
function Invoke-Finding([string] $Name, [string] $Format) {
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = "$Work/tests/$Name.Tests.ps1"
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'None'
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = $Format
    $configuration.TestResult.OutputPath = "$Work/$Name.$Format.xml"
    Invoke-Pester -Configuration $configuration
}
foreach ($name in 'It', 'AfterAll', 'Discovery', 'FileBeforeAll') {
    foreach ($format in 'NUnitXml', 'JUnitXml', 'NUnit3') {
        $run = Invoke-Finding $name $format
        $text = [IO.File]::ReadAllText("$Work/$name.$format.xml")
        $root = ([xml] $text).DocumentElement
        $counts = switch ($format) {
            NUnitXml { "failures $($root.failures), errors $($root.errors)" }
            JUnitXml { "failures $($root.failures), errors $($root.errors); its suite $($root.testsuite.failures), $($root.testsuite.errors)" }
            NUnit3 { "failed $($root.failed), result $($root.result)" }
        }
        if ($format -eq 'NUnitXml') { "${name}: $($run.Result), passed $($run.PassedCount), FailedCount $($run.FailedCount)" }
        "  ${format}: $counts; $(if ($text.Contains('this broke')) { 'with' } else { 'without' }) the message"
    }
}
PS
timeout 250 "$work/tool/pwsh" -NoProfile -NonInteractive -File try.ps1 -Work "$work" | tee seen
cat >expected <<'TEXT'
It: Failed, passed 0, FailedCount 1
  NUnitXml: failures 1, errors 0; with the message
  JUnitXml: failures 1, errors 0; its suite 1, 0; with the message
  NUnit3: failed 1, result Failed; with the message
AfterAll: Failed, passed 1, FailedCount 0
  NUnitXml: failures 0, errors 0; without the message
  JUnitXml: failures 0, errors 1; its suite 0, 0; without the message
  NUnit3: failed 0, result Failed; with the message
Discovery: Failed, passed 1, FailedCount 0
  NUnitXml: failures 0, errors 0; without the message
  JUnitXml: failures 0, errors 1; its suite 0, 0; without the message
  NUnit3: failed 0, result Failed; without the message
FileBeforeAll: Failed, passed 0, FailedCount 1
  NUnitXml: failures 1, errors 0; without the message
  JUnitXml: failures 1, errors 1; its suite 1, 0; without the message
  NUnit3: failed 1, result Failed; without the message
TEXT
diff expected seen
