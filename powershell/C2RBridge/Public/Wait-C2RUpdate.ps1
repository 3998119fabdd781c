function Wait-C2RUpdate {
    <#
    .SYNOPSIS
        Waits until the running Click-to-Run update action has ended.
    .DESCRIPTION
        Shows the progress of the running action, no matter what started it, and
        returns the status when it has ended; at once if nothing is running.
        Ctrl+C and -TimeoutSec end the wait, not the action.
    .PARAMETER TimeoutSec
        The longest time to wait, in seconds.
    .PARAMETER PollMs
        How often to look at the status, in milliseconds, at first; up to 5000
        while nothing changes.
    .PARAMETER AsJob
        Waits in a background job and returns that job.
    .EXAMPLE
        Wait-C2RUpdate -TimeoutSec 1800

        Waits at most half an hour for the running download or update.
    .OUTPUTS
        C2RBridge.UpdateStatus
    .LINK
        Get-C2RStatus
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.UpdateStatus')]
    param(
        [ValidateRange(1, 86400)]
        [int] $TimeoutSec,

        [ValidateRange(100, 60000)]
        [int] $PollMs,

        [switch] $AsJob
    )

    if ($AsJob) { return Start-BridgeJob }
    $request = @{
        Method     = 'c2r/wait'
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name TimeoutSec, PollMs
        TypeName   = 'C2RBridge.UpdateStatus'
        Activity   = 'Waiting for Click-to-Run'
    }
    Invoke-BridgeRequest @request
}
