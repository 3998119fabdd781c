function Disable-C2RManagement {
    <#
    .SYNOPSIS
        Keeps updates of Microsoft 365 Apps from being driven through COM.
    .DESCRIPTION
        Sets the policy value OfficeMgmtCOM to off, so that Office updates by
        itself again even where its installation was configured otherwise. Shows
        the setting before and after, and warns where the Click-to-Run service
        has to be restarted first. Reset-C2RManagement takes the setting back.
    .EXAMPLE
        Disable-C2RManagement

        Turns the management off.
    .EXAMPLE
        Disable-C2RManagement -WhatIf

        Only says what would be done.
    .OUTPUTS
        C2RBridge.ManagementChange
    .LINK
        Enable-C2RManagement
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType('C2RBridge.ManagementChange')]
    param()

    Import-CallerPreference
    if (-not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', 'Turn off the management of updates through COM')) { return }
    Set-BridgeManagement -Enabled $false
}
