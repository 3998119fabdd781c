function Reset-C2RManagement {
    <#
    .SYNOPSIS
        Takes back what Enable-C2RManagement or Disable-C2RManagement has set.
    .DESCRIPTION
        Removes the policy value OfficeMgmtCOM, so that the setting of the
        Office installation decides again. Shows the setting before and after,
        and warns where the Click-to-Run service has to be restarted first.
    .EXAMPLE
        Reset-C2RManagement

        Removes the policy value.
    .EXAMPLE
        Reset-C2RManagement -WhatIf

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
    if (-not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', 'Take back the setting for the management of updates through COM')) { return }
    Set-BridgeManagement -Enabled $null
}
