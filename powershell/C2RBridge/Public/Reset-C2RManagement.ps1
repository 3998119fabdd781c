function Reset-C2RManagement {
    <#
    .SYNOPSIS
        Undoes Enable-C2RManagement or Disable-C2RManagement.
    .DESCRIPTION
        Removes the policy value OfficeMgmtCOM, so that the configuration of the
        Office installation applies again. Shows the setting before and after,
        and warns if the Click-to-Run service must be restarted first.
    .EXAMPLE
        Reset-C2RManagement

        Removes the policy value.
    .EXAMPLE
        Reset-C2RManagement -WhatIf

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
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action 'Remove the policy for managing updates through COM')) { return }
    Set-BridgeManagement -Enabled $null
}
