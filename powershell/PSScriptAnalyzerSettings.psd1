# What PSScriptAnalyzer checks on Windows, where CI has it: nothing that Windows PowerShell 5.1 lacks, and no common fault.
@{
    Severity     = @('Error', 'Warning')
    # Cmdlets of the module call others of it that ask; the callers pass -WhatIf and -Confirm on.
    ExcludeRules = @('PSUseShouldProcessForStateChangingFunctions', 'PSUseSingularNouns', 'PSAvoidUsingWriteHost')
    Rules        = @{
        PSUseCompatibleSyntax = @{
            Enable         = $true
            TargetVersions = @('5.1', '7.0', '7.4')
        }
    }
}
