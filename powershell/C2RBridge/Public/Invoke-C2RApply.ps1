function Invoke-C2RApply {
    <#
    .SYNOPSIS
        Installs the update of Microsoft 365 Apps that was downloaded.
    .DESCRIPTION
        Tells Click-to-Run to apply the downloaded update and returns its
        status. With -Wait, shows the progress, returns when the update has
        ended, and compares the installed version before and after: Changed is
        false where there was nothing to apply, which Click-to-Run itself
        reports as a success. Neither Ctrl+C nor -TimeoutSec stops what
        Click-to-Run is applying. Asks for confirmation; scripts that nobody
        watches pass -Confirm:$false.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER ForceAppShutdown
        Closes running Office apps at once. People lose what they have not
        saved.
    .PARAMETER Wait
        Returns only when the update has been applied.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether
        Windows goes on by itself.
    .PARAMETER PollMs
        How often to look at the status while waiting, in milliseconds, at
        first; up to 5000 while nothing changes.
    .PARAMETER AsJob
        Waits for the update in a background job and returns that job.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Invoke-C2RApply -Wait

        Asks, installs the downloaded update, and shows the progress and the
        versions.
    .EXAMPLE
        Invoke-C2RApply -ForceAppShutdown -Wait -TimeoutSec 3600 -Confirm:$false

        Installs it at night, without a question, even where Office apps were
        left open.
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
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    Import-CallerPreference
    $what = if ($ForceAppShutdown) { 'Close all Office apps by force and apply the downloaded update' } else { 'Apply the downloaded update' }
    if (-not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', $what)) { return }
    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    if ($AsJob) { return Start-BridgeJob -Parameters @{ Wait = $true } }

    $request = @{
        Method     = 'c2r/apply'
        Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, ForceAppShutdown, Wait, PollMs
        TypeName   = 'C2RBridge.ApplyResult', 'C2RBridge.UpdateStatus'
        TimeoutSec = $TimeoutSec
    }
    if ($Wait) { $request.Activity = 'Applying the update of Microsoft 365 Apps' }
    $result = Invoke-BridgeRequest @request
    # Only a wait knows these; they must be there for scripts under StrictMode.
    foreach ($name in 'VersionBefore', 'VersionAfter', 'Changed') {
        if (-not $result.PSObject.Properties[$name]) { $result | Add-Member -NotePropertyName $name -NotePropertyValue $null }
    }
    $result
}
