function Disable-C2RManagement {
    <#
    .SYNOPSIS
        Stops updates of Microsoft 365 Apps from being managed through COM.
    .DESCRIPTION
        Sets the policy value OfficeMgmtCOM to off. Office then updates itself
        again, even if its installation was configured otherwise. Shows the
        setting before and after, and warns if the Click-to-Run service must be
        restarted first. Undo this with Reset-C2RManagement.
    .EXAMPLE
        Disable-C2RManagement

        Turns the management off.
    .EXAMPLE
        Disable-C2RManagement -WhatIf

        Shows what would be done.
    .OUTPUTS
        C2RBridge.ManagementChange
    .LINK
        Enable-C2RManagement
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('C2RBridge.ManagementChange')]
    param()

    Import-CallerPreference
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action 'Stop updates from being managed through COM')) { return }
    Set-BridgeManagement -Enabled $false
}
