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
        Runs the command on other computers, through PowerShell remoting. The
        module must be installed there. Results carry PSComputerName. An error
        names its computer and does not end the command: the other computers
        still answer. Use -ErrorAction Stop to end it at the first error.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1. Errors are those of -ComputerName.
    .PARAMETER ThrottleLimit
        How many computers are asked at the same time; 32 when absent.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Invoke-BridgeRequest -Method 'c2r/status' -TypeName 'C2RBridge.UpdateStatus'
}
