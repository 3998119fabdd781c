# What PSScriptAnalyzer checks on Windows, where CI has it: nothing that Windows PowerShell 5.1 lacks, and no common fault.
@{
    Severity     = @('Error', 'Warning')
    # Cmdlets of the module call others of it that ask, or ask through Confirm-Change; the callers pass -WhatIf and -Confirm on.
    # Many parameters are read by $PSBoundParameters or by a function that is called, which the rule for unused ones does not see.
    ExcludeRules = @('PSUseShouldProcessForStateChangingFunctions', 'PSShouldProcess', 'PSReviewUnusedParameter', 'PSUseSingularNouns', 'PSAvoidUsingWriteHost')
    Rules        = @{
        PSUseCompatibleSyntax = @{
            Enable         = $true
            TargetVersions = @('5.1', '7.0', '7.4')
        }
    }
}
