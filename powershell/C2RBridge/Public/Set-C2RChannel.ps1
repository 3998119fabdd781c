function Set-C2RChannel {
    <#
    .SYNOPSIS
        Moves Office to another update channel, or undoes that.
    .DESCRIPTION
        Writes the policy value UpdateBranch, which of the rules that decide
        about the update source is the highest that an administrator of the
        device can set and that names a channel. Refuses, unless -Force is
        given, where this would not help or would take the device away from
        another manager: a cloud policy or a policy path that still wins, a
        policy that another manager has set, an UpdateUrl that names a source of
        your own, or a licence that has no updates from the channel. The error
        says which it is.

        The change takes time. The scheduled task "Office Automatic Updates 2.0"
        takes the new channel over, at the earliest 24 hours after its last try
        (Start-C2RUpdateDetection -Reset runs it now); then an update from the
        new channel has to be downloaded and applied; and Office accepts the
        next change only after that. Pending in the result says what is still
        missing; (Get-C2RInstallation).ChannelSwitch.Pending shows the same at
        any time and is empty once the version has moved.
    .PARAMETER Channel
        The channel to move to. The perpetual ones are for products with a
        volume licence.
    .PARAMETER Undo
        Puts the policy back to what it said before the first Set-C2RChannel.
        Does nothing where there is nothing to undo.
    .PARAMETER Force
        Writes the policy also where another rule wins, another manager has set
        the policy, updates have a source of their own, or the licence does not
        fit.
    .EXAMPLE
        Set-C2RChannel -Channel MonthlyEnterprise

        Moves the device to the Monthly Enterprise Channel.
    .EXAMPLE
        Set-C2RChannel -Channel SemiAnnual -WhatIf

        Shows what would be done.
    .EXAMPLE
        (Get-C2RInstallation).ChannelSwitch.Pending

        Shows what is still missing for the change.
    .EXAMPLE
        Set-C2RChannel -Undo

        Restores the previous policy.
    .OUTPUTS
        C2RBridge.ChannelChange
    .LINK
        Get-C2RInstallation
    .LINK
        Start-C2RUpdateDetection
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Channel')]
    [OutputType('C2RBridge.ChannelChange')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Channel', ValueFromPipelineByPropertyName)]
        [ValidateSet('Current', 'CurrentPreview', 'MonthlyEnterprise', 'SemiAnnual', 'SemiAnnualPreview', 'BetaChannel',
            'PerpetualVL2019', 'PerpetualVL2021', 'PerpetualVL2024')]
        [string] $Channel,

        [Parameter(Mandatory, ParameterSetName = 'Undo')]
        [switch] $Undo,

        [switch] $Force
    )

    process {
        Import-CallerPreference
        $what = if ($Undo) { 'Restore the previous update channel policy' } else { "Move to the update channel $Channel" }
        if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action $what)) { return }
        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Channel, Undo, Force
        Invoke-BridgeRequest -Method 'c2r/setChannel' -Parameters $parameters -TypeName 'C2RBridge.ChannelChange'
    }
}
