function Stop-C2RDownload {
    <#
    .SYNOPSIS
        Stops the running download of an Office update and removes its files.
    .DESCRIPTION
        Tells Click-to-Run to cancel the download, no matter what started it,
        and returns its status, also where nothing is running. An update that
        is being applied cannot be stopped: the error is then IllegalState.
    .PARAMETER Wait
        Returns only when the download has stopped.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds.
    .EXAMPLE
        Stop-C2RDownload -Wait

        Stops the download and shows how it ended, for example as
        DOWNLOAD_CANCELLED.
    .OUTPUTS
        C2RBridge.UpdateStatus
    .LINK
        Invoke-C2RDownload
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.UpdateStatus')]
    param(
        [switch] $Wait,

        [ValidateRange(1, 86400)]
        [int] $TimeoutSec
    )

    Import-CallerPreference
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action 'Cancel the running download')) { return }
    $request = @{
        Method     = 'c2r/cancel'
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Wait, TimeoutSec
        TypeName   = 'C2RBridge.UpdateStatus'
    }
    Invoke-BridgeRequest @request
}
