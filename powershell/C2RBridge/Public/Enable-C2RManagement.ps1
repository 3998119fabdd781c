function Enable-C2RManagement {
    <#
    .SYNOPSIS
        Allows updates of Microsoft 365 Apps to be managed through COM.
    .DESCRIPTION
        Sets the policy value OfficeMgmtCOM to on. Office then no longer updates
        itself: it is updated only when this module or another management tool
        starts an update. Shows the setting before and after, and warns if the
        Click-to-Run service must be restarted first. Undo this with
        Reset-C2RManagement.
    .EXAMPLE
        Enable-C2RManagement

        Turns the management on.
    .EXAMPLE
        Enable-C2RManagement -WhatIf

        Shows what would be done.
    .OUTPUTS
        C2RBridge.ManagementChange
    .LINK
        Reset-C2RManagement
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('C2RBridge.ManagementChange')]
    param()

    Import-CallerPreference
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action 'Allow updates to be managed through COM')) { return }
    Set-BridgeManagement -Enabled $true
}
