function Get-C2RStatus {
    <#
    .SYNOPSIS
        Shows what Click-to-Run is doing, or how its last update action ended.
    .DESCRIPTION
        Asks Click-to-Run for its status report and decodes it. Status is one of
        UPDATE_UNKNOWN, DOWNLOAD_PENDING, DOWNLOAD_WIP, DOWNLOAD_CANCELLING,
        DOWNLOAD_CANCELLED, DOWNLOAD_FAILED, DOWNLOAD_SUCCEEDED, APPLY_PENDING,
        APPLY_WIP, APPLY_SUCCEEDED and APPLY_FAILED. A failed action shows its
        cause in ErrorName or, where it is an HRESULT, in HResult and
        HResultName.
    .EXAMPLE
        Get-C2RStatus

        Shows the current state, for example DOWNLOAD_WIP.
    .EXAMPLE
        if ((Get-C2RStatus).Busy) { 'Office is being updated.' }

        Finds out whether an update action runs at this moment.
    .OUTPUTS
        C2RBridge.UpdateStatus
    .LINK
        Wait-C2RUpdate
    #>
    [CmdletBinding()]
    [OutputType('C2RBridge.UpdateStatus')]
    param()

    Invoke-BridgeRequest -Method 'c2r/status' -TypeName 'C2RBridge.UpdateStatus'
}
