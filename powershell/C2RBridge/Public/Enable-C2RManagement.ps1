function Enable-C2RManagement {
    <#
    .SYNOPSIS
        Lets updates of Microsoft 365 Apps be driven through COM, as this module does.
    .DESCRIPTION
        Turns on the policy value OfficeMgmtCOM. Office then no longer updates
        by itself: updates come only when this module or another manager starts
        them. Shows the setting before and after, and warns where the
        Click-to-Run service has to be restarted first. Reset-C2RManagement
        takes the setting back.
    .EXAMPLE
        Enable-C2RManagement

        Turns the management on.
    .EXAMPLE
        Enable-C2RManagement -WhatIf

        Only says what would be done.
    .OUTPUTS
        C2RBridge.ManagementChange
    .LINK
        Reset-C2RManagement
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('C2RBridge.ManagementChange')]
    param()

    Import-CallerPreference
    if (-not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', 'Turn on the management of updates through COM')) { return }
    Set-BridgeManagement -Enabled $true
}
