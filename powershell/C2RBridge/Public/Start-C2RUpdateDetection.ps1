function Start-C2RUpdateDetection {
    <#
    .SYNOPSIS
        Lets Office look for updates now.
    .DESCRIPTION
        Runs the scheduled task "Office Automatic Updates 2.0" through Task
        Scheduler, without starting a program, and says what is not the same
        afterwards: the time of the last detection, the channel, a downloaded
        version. The task also takes up a new update channel. Where another
        manager updates Office, or the last detection was a short time ago, the
        task may end without doing anything: then Moved is empty.

        An absent task, a disabled one and missing rights are errors that say
        what to do.
    .PARAMETER Reset
        Removes the time of the last detection first
        (UpdateDetectionLastRunTime), so that Office does not skip the detection
        because of it.
    .PARAMETER Wait
        Returns when the task has ended.
    .PARAMETER TimeoutSec
        The longest time to wait, in seconds. The task continues after that.
    .PARAMETER PollMs
        How often to look whether the task still runs, in milliseconds.
    .PARAMETER AsJob
        Does it in a background job and returns that job.
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
        Start-C2RUpdateDetection -Reset -Wait -TimeoutSec 600

        Looks for updates even if Office did so a moment ago, and shows what
        came of it.
    .EXAMPLE
        Set-C2RChannel MonthlyEnterprise; Start-C2RUpdateDetection -Reset -Wait

        Changes the channel and lets Office take it up at once.
    .OUTPUTS
        C2RBridge.DetectionResult
    .LINK
        Set-C2RChannel
    .LINK
        Get-C2RInstallation
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.DetectionResult')]
    param(
        [switch] $Reset,

        [switch] $Wait,

        [ValidateRange(1, 86400)]
        [int] $TimeoutSec,

        [ValidateRange(100, 60000)]
        [int] $PollMs,

        [switch] $AsJob,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    Import-CallerPreference
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action 'Look for updates')) { return }
    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    if ($AsJob) { return Start-BridgeJob }
    $request = @{
        Method     = 'c2r/detect'
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Reset, Wait, TimeoutSec, PollMs
        TypeName   = 'C2RBridge.DetectionResult'
        Activity   = 'Looking for Office updates'
    }
    Invoke-BridgeRequest @request
}
