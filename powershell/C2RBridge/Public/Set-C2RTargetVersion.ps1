function Set-C2RTargetVersion {
    <#
    .SYNOPSIS
        Holds Office at a version, or removes what holds it there.
    .DESCRIPTION
        With -Version, writes the policy "Target Version" (updatetargetversion),
        which holds the device at that version until it is removed; an older
        version than the installed one rolls back. Refuses, unless -Force is
        given, where the cloud pins another version or another manager has set
        the policy.

        With -ClearLeftover, removes a left-over UpdateToVersion of
        Click-to-Run, a known cause of "no updates", and resets a stuck
        UpdateChannelChanged.

        The result says which rule decides now and what is still pending;
        (Get-C2RInstallation).TargetVersion shows the rule at any time.
    .PARAMETER Version
        The version to hold the device at, for example 16.0.17928.20114.
    .PARAMETER ClearLeftover
        Removes what is left over of an earlier pin or channel change.
    .PARAMETER Undo
        Puts back what was there before the first Set-C2RTargetVersion,
        including what -ClearLeftover removed.
    .PARAMETER Force
        Writes the policy also where another rule wins or another manager has
        set it.
    .EXAMPLE
        Set-C2RTargetVersion -Version 16.0.17928.20114

        Holds the device at this version.
    .EXAMPLE
        Set-C2RTargetVersion -ClearLeftover -WhatIf

        Only says what would be done.
    .EXAMPLE
        Set-C2RTargetVersion -Undo

        Puts back what was there before.
    .OUTPUTS
        C2RBridge.TargetVersionChange
    .LINK
        Get-C2RInstallation
    .LINK
        Invoke-C2RUpdate
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Version')]
    [OutputType('C2RBridge.TargetVersionChange')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Version', ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Version,

        [Parameter(Mandatory, ParameterSetName = 'ClearLeftover')]
        [switch] $ClearLeftover,

        [Parameter(Mandatory, ParameterSetName = 'Undo')]
        [switch] $Undo,

        [Parameter(ParameterSetName = 'Version')]
        [Parameter(ParameterSetName = 'Undo')]
        [switch] $Force
    )

    process {
        Import-CallerPreference
        $what = switch ($PSCmdlet.ParameterSetName) {
            'Version' { "Hold at version $Version" }
            'ClearLeftover' { 'Remove a left-over UpdateToVersion and reset UpdateChannelChanged' }
            'Undo' { 'Put back the target version of before' }
        }
        if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action $what)) { return }
        $request = @{
            Method     = 'c2r/setTargetVersion'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Version, ClearLeftover, Undo, Force
            TypeName   = 'C2RBridge.TargetVersionChange'
        }
        Invoke-BridgeRequest @request
    }
}
