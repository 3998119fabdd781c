function Invoke-C2RApply {
    <#
    .SYNOPSIS
        Installs the update of Microsoft 365 Apps that was downloaded.
    .DESCRIPTION
        Tells Click-to-Run to apply the downloaded update and returns its
        status. With -Wait, shows the progress, returns when the update has
        ended, and compares the installed version before and after. Changed is
        false if there was nothing to apply, which Click-to-Run itself reports
        as success. Neither Ctrl+C nor -TimeoutSec stops an update that is being
        applied. Prompts for confirmation; use -Confirm:$false in unattended
        scripts.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER ForceAppShutdown
        Closes running Office apps at once. Unsaved work is lost. Click-to-Run
        decides which apps: Word, Excel, PowerPoint, Outlook (also the new one,
        olk.exe), OneNote, Access, Publisher, Visio, Project and Skype for
        Business (winword, excel, powerpnt, outlook, olk, onenote, msaccess,
        mspub, visio, winproj, lync), and helpers such as graph. Microsoft does
        not publish a list; Get-C2RBlockingApp shows the ones that run now.
    .PARAMETER Wait
        Returns only when the update has been applied.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether the
        operation continues in Windows.
    .PARAMETER PollMs
        How often to look at the status while waiting, in milliseconds, at
        first; up to 5000 while nothing changes.
    .PARAMETER AsJob
        Waits for the update in a background job and returns that job.
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
        Invoke-C2RApply -Wait

        Prompts, installs the downloaded update, and shows the progress and the
        versions.
    .EXAMPLE
        Invoke-C2RApply -ForceAppShutdown -Wait -TimeoutSec 3600 -Confirm:$false

        Installs it at night without a prompt, even if Office apps were left
        open.
    .OUTPUTS
        C2RBridge.ApplyResult
    .LINK
        Invoke-C2RDownload
    .LINK
        Get-C2RBlockingApp
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('C2RBridge.ApplyResult')]
    param(
        [switch] $DisplayLevel,

        [switch] $ForceAppShutdown,

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
    $what = if ($ForceAppShutdown) { 'Close all Office apps by force and apply the downloaded update' } else { 'Apply the downloaded update' }
    if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action $what)) { return }
    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    if ($AsJob) { return Start-BridgeJob }

    $request = @{
        Method     = 'c2r/apply'
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, ForceAppShutdown, Wait, TimeoutSec, PollMs
        TypeName   = 'C2RBridge.UpdateStatus', 'C2RBridge.ApplyResult'
    }
    if ($Wait) { $request.Activity = 'Applying the update of Microsoft 365 Apps' }
    $result = Invoke-BridgeRequest @request
    # Only a wait knows these; they must be there for scripts under StrictMode.
    foreach ($name in 'VersionBefore', 'VersionAfter', 'Changed') {
        if (-not $result.PSObject.Properties[$name]) { $result | Add-Member -NotePropertyName $name -NotePropertyValue $null }
    }
    $result
}
