function Wait-C2RUpdate {
    <#
    .SYNOPSIS
        Waits until Click-to-Run has ended the update action that it carries out.
    .DESCRIPTION
        Shows the progress of the running action, whoever started it, and
        returns the status once nothing runs any more; at once where nothing
        does. Ctrl+C and -TimeoutSec end the wait, not the action.
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
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name PollMs
        TypeName   = 'C2RBridge.UpdateStatus'
        Activity   = 'Waiting for Click-to-Run'
        TimeoutSec = $TimeoutSec
    }
    Invoke-BridgeRequest @request
}
