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
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
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
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.UpdateStatus')]
    param(
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Invoke-BridgeRequest -Method 'c2r/status' -TypeName 'C2RBridge.UpdateStatus'
}
