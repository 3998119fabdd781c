function Invoke-C2RUpdate {
    <#
    .SYNOPSIS
        Downloads and applies an Office update and verifies the new version.
    .DESCRIPTION
        Runs the whole update and waits for its end: checks that Office is
        installed and can be managed, looks for running Office apps, downloads,
        applies, and compares the installed version before and after. Shows the
        progress. Every failure is an error that says what to do. Ctrl+C also
        stops a running download; applying cannot be stopped. After -TimeoutSec,
        the running action continues in Windows. Prompts for confirmation only
        if Office apps may be force-closed; use -Confirm:$false in unattended
        scripts.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER UpdateBaseUrl
        Where to download from instead of the Office CDN: a web server, a share
        or a folder that holds an Office image. Click-to-Run runs as SYSTEM:
        give the full path of a folder, and a share by its UNC path.
    .PARAMETER UpdateToVersion
        The version to install, for example 16.0.19929.20172. A version older
        than the installed one rolls back. When absent, the newest version of
        the channel, or the one at which a setting holds the device
        ((Get-C2RInstallation).TargetVersion).
    .PARAMETER Pin
        Keeps the device at -UpdateToVersion afterwards, as
        Set-C2RTargetVersion does. Without it the next update may undo a
        rollback.
    .PARAMETER DownloadSource
        The CLSID of a custom BITS manager that serves the content; requires
        -ContentId.
    .PARAMETER ContentId
        What the custom BITS manager is asked for; requires -DownloadSource.
    .PARAMETER ContentSource
        The name of a source that Register-C2RContentSource registered, instead
        of -DownloadSource and -ContentId.
    .PARAMETER ForceAppShutdown
        The same as -OnBlockingApps Force: running Office apps are closed at
        once, and unsaved work is lost. Click-to-Run decides which apps: Word,
        Excel, PowerPoint, Outlook (also the new one, olk.exe), OneNote, Access,
        Publisher, Visio, Project and Skype for Business (winword, excel,
        powerpnt, outlook, olk, onenote, msaccess, mspub, visio, winproj, lync),
        and helpers such as graph. Microsoft does not publish a list;
        Get-C2RBlockingApp shows the ones that run now.
    .PARAMETER OnBlockingApps
        What to do if Office apps are running: Fail with an error that names
        them before anything is downloaded (the default), Force them to close,
        or download and then Wait until people have closed them.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether the
        operation continues in Windows.
    .PARAMETER PollMs
        How often to look at the status, in milliseconds, at first; up to 5000
        while nothing changes.
    .PARAMETER AsJob
        Updates in a background job and returns that job.
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
        Invoke-C2RUpdate

        Updates to the newest version of the channel, if no Office app runs.
    .EXAMPLE
        Invoke-C2RUpdate -OnBlockingApps Wait -TimeoutSec 14400

        Waits up to four hours for people to close their Office apps.
    .EXAMPLE
        Invoke-C2RUpdate -OnBlockingApps Force -Confirm:$false -Verbose

        Updates at night, force-closes open apps, and shows the calls made.
    .EXAMPLE
        Invoke-C2RUpdate -UpdateToVersion 16.0.17928.20114 -Pin

        Rolls back, and keeps the device there until Set-C2RTargetVersion -Undo.
    .EXAMPLE
        $job = Invoke-C2RUpdate -AsJob; Receive-Job -Job $job -Wait

        Updates in the background and collects the result.
    .OUTPUTS
        C2RBridge.UpdateResult
    .LINK
        Get-C2RStatus
    .LINK
        Get-C2RBlockingApp
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType('C2RBridge.UpdateResult')]
    param(
        [switch] $DisplayLevel,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $UpdateBaseUrl,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $UpdateToVersion,

        [switch] $Pin,

        [Parameter(ValueFromPipelineByPropertyName)]
        [Alias('Clsid')]
        [ValidateNotNullOrEmpty()]
        [string] $DownloadSource,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $ContentId,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $ContentSource,

        [switch] $ForceAppShutdown,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateSet('Fail', 'Force', 'Wait')]
        [string] $OnBlockingApps = 'Fail',

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

    process {
        Import-CallerPreference
        Assert-ContentSource
        $forced = $ForceAppShutdown -or $OnBlockingApps -eq 'Force'
        $what = if ($UpdateToVersion) { "Update to version $UpdateToVersion" } else { 'Update to the newest version' }
        if ($Pin) { $what += ' and stay there' }
        if ($forced) { $what += ' and close running Office apps by force' }
        # The impact is high only where work can be lost; for the rest this is what ConfirmImpact Medium would do. The preference
        # itself stays: PowerShell reads it once for all objects of a pipeline, of which the next may be forced.
        $mayAsk = $forced -or $WhatIfPreference -or $ConfirmPreference -ne 'High'
        if ($mayAsk -and -not (Confirm-Change -Target 'Microsoft 365 Apps' -Action $what)) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, UpdateBaseUrl, UpdateToVersion,
        Pin, DownloadSource, ContentId, ForceAppShutdown, OnBlockingApps, TimeoutSec, PollMs
        if ($ContentSource) { $parameters += Resolve-ContentSource -Name $ContentSource }
        $request = @{
            Method     = 'c2r/update'
            Parameters = $parameters
            TypeName   = 'C2RBridge.UpdateResult'
            Activity   = 'Updating Microsoft 365 Apps'
        }
        Invoke-BridgeRequest @request
    }
}
