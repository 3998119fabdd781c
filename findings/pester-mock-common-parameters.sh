#!/usr/bin/env bash
# A Pester mock takes -ErrorAction and -WhatIf but does not heed them: what stops the real command lets the mock run on.
#
# Versions:  Pester 6.2.0 and PowerShell 7.6.9 (NuGet).
# Guess:     a mock has the parameters of its command, and is called as an advanced function. So with -ErrorAction Stop, or with
#            $ErrorActionPreference in the code under test, Write-Error in the mock ends the call, as in the command itself;
#            SilentlyContinue silences it; and with -WhatIf ShouldProcess says no.
# Seen:      the body of the mock runs with the preferences of the test. Write-Error in it ends nothing under -ErrorAction Stop:
#            the catch block under test never runs, and the code behind the call does. SilentlyContinue and Ignore do not keep
#            it out of the error stream. With -WhatIf ShouldProcess says yes. -ErrorVariable, -OutVariable and
#            -WarningVariable are filled as usual. The same for a function of a module and for a cmdlet.
# So:        a mock that stands for a failure throws. To write its error with -ErrorAction $PesterBoundParameters.ErrorAction
#            heeds the parameter, but not a preference. A test of -WhatIf looks at $PesterBoundParameters.WhatIf.
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

cat >Subject.psm1 <<'PS'
function Get-Thing {
    [CmdletBinding(SupportsShouldProcess)] param()
    Write-Error 'written' -ErrorId Mine
    "asked: $($PSCmdlet.ShouldProcess('it'))"
}
function Use-Stop { try { $null = Get-Thing -ErrorAction Stop; 'continues' } catch { "catches $($_.FullyQualifiedErrorId)" } }
function Use-Preference { $ErrorActionPreference = 'Stop'; try { $null = Get-Thing; 'continues' } catch { "catches $($_.FullyQualifiedErrorId)" } }
function Use-Cmdlet { try { $null = Get-Item /nowhere -ErrorAction Stop; 'continues' } catch { "catches $($_.FullyQualifiedErrorId)" } }
function Use-Silent { $all = Get-Thing -ErrorAction SilentlyContinue 2>&1; "$(@($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] }).Count) error shown" }
function Use-Variable { $null = Get-Thing -ErrorVariable errors -ErrorAction SilentlyContinue 2>$null; "$($errors.Count) in the variable" }
function Use-WhatIf { Get-Thing -WhatIf -ErrorAction SilentlyContinue 2>$null 6>$null }
PS
cat >Subject.Tests.ps1 <<'PS'
BeforeAll {
    Import-Module "$PSScriptRoot/Subject.psm1" -Force
    function Save-Seen([string] $Kind) {
        foreach ($use in 'Use-Stop', 'Use-Preference', 'Use-Cmdlet', 'Use-Silent', 'Use-Variable', 'Use-WhatIf') {
            [IO.File]::AppendAllText("$PSScriptRoot/seen", "$Kind, ${use}: $(& $use)`n")
        }
    }
}
Describe 'a mock and its command' {
    It 'command' { Save-Seen command }
    It 'mock' {
        Mock Get-Thing -ModuleName Subject { Write-Error 'written' -ErrorId Mine; "asked: $($PSCmdlet.ShouldProcess('it'))" }
        Mock Get-Item -ModuleName Subject { Write-Error 'written' -ErrorId Mine }
        Save-Seen mock
    }
    It 'mock that heeds' {
        $body = {
            $action = $PesterBoundParameters.ContainsKey('ErrorAction') ? $PesterBoundParameters.ErrorAction : 'Continue'
            Write-Error 'written' -ErrorId Mine -ErrorAction $action
            "asked: $(-not $PesterBoundParameters.WhatIf)"
        }
        Mock Get-Thing -ModuleName Subject $body
        Mock Get-Item -ModuleName Subject $body
        Save-Seen 'mock that heeds'
    }
}
PS
script="Import-Module '$work/packages/pester/6.2.0/tools/Pester.psd1'; Invoke-Pester '$work/Subject.Tests.ps1' -Output None"
timeout 250 "$work/tool/pwsh" -NoProfile -NonInteractive -Command "$script" >/dev/null 2>&1
cat seen
cat >expected <<'TEXT'
command, Use-Stop: catches Mine,Get-Thing
command, Use-Preference: catches Mine,Get-Thing
command, Use-Cmdlet: catches PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand
command, Use-Silent: 0 error shown
command, Use-Variable: 1 in the variable
command, Use-WhatIf: asked: False
mock, Use-Stop: continues
mock, Use-Preference: continues
mock, Use-Cmdlet: continues
mock, Use-Silent: 1 error shown
mock, Use-Variable: 1 in the variable
mock, Use-WhatIf: asked: True
mock that heeds, Use-Stop: catches Mine
mock that heeds, Use-Preference: continues
mock that heeds, Use-Cmdlet: catches Mine
mock that heeds, Use-Silent: 0 error shown
mock that heeds, Use-Variable: 1 in the variable
mock that heeds, Use-WhatIf: asked: False
TEXT
diff expected seen
