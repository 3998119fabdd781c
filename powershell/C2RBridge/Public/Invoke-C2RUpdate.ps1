function Invoke-C2RUpdate {
    <#
    .SYNOPSIS
        Updates Microsoft 365 Apps: downloads, applies, and checks that the version really moved.
    .DESCRIPTION
        Does the whole job and waits for its end: checks that Office is
        installed and can be driven, looks for running Office apps, downloads,
        applies, and compares the installed version before and after. Shows the
        progress. Whatever fails is an error that says what to do. Ctrl+C stops
        a running download, too; what is being applied cannot be stopped. After
        -TimeoutSec, what runs continues in Windows. Asks for confirmation only
        where Office apps may be closed by force; pass -Confirm:$false in
        unattended scripts.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER UpdateBaseUrl
        Where to download from instead of the Office CDN: a web server or a
        share that holds an Office image.
    .PARAMETER UpdateToVersion
        The version to move to, for example 16.0.19929.20172; one older than the
        installed version rolls back. Without it, the newest version of the
        channel, or the one at which a setting holds the device
        ((Get-C2RInstallation).TargetVersion).
    .PARAMETER Pin
        Keeps the device at -UpdateToVersion afterwards, as
        Set-C2RTargetVersion does. Without it the next update may undo a
        rollback.
    .PARAMETER DownloadSource
        The CLSID of a custom BITS manager that serves the content; goes with
        -ContentId.
    .PARAMETER ContentId
        What the custom BITS manager is asked for; goes with -DownloadSource.
    .PARAMETER ContentSource
        The name of a source that Register-C2RContentSource registered, instead
        of -DownloadSource and -ContentId.
    .PARAMETER ForceAppShutdown
        The same as -OnBlockingApps Force: running Office apps are closed at
        once, and people lose what they have not saved. Click-to-Run decides
        which ones: Word, Excel, PowerPoint, Outlook (also the new one, olk.exe),
        OneNote, Access, Publisher, Visio, Project and Skype for Business, as
        far as they are installed (winword, excel, powerpnt, outlook, olk,
        onenote, msaccess, mspub, visio, winproj, lync), and helpers such as
        graph. Microsoft publishes no list; Get-C2RBlockingApp shows the ones
        that run now.
    .PARAMETER OnBlockingApps
        What to do when Office apps run: Fail with an error that names them
        before anything is downloaded (the default), close them by Force, or
        download and then Wait until people have closed them.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether
        Windows continues by itself.
    .PARAMETER PollMs
        How often to look at the status, in milliseconds, at first; up to 5000
        while nothing changes.
    .PARAMETER AsJob
        Updates in a background job and returns that job.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1.
    .EXAMPLE
        Invoke-C2RUpdate

        Updates to the newest version of the channel, if no Office app runs.
    .EXAMPLE
        Invoke-C2RUpdate -OnBlockingApps Wait -TimeoutSec 14400

        Waits up to four hours for people to close their Office apps.
    .EXAMPLE
        Invoke-C2RUpdate -OnBlockingApps Force -Confirm:$false -Verbose

        Updates at night, whatever is open, and says which calls were made.
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
        [Management.Automation.Runspaces.PSSession[]] $Session
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
        if ($mayAsk -and -not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', $what)) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, UpdateBaseUrl, UpdateToVersion,
        Pin, DownloadSource, ContentId, ForceAppShutdown, PollMs
        if ($PSBoundParameters.ContainsKey('OnBlockingApps')) { $parameters.onBlockingApps = $OnBlockingApps.ToLowerInvariant() }
        if ($ContentSource) { $parameters += Resolve-ContentSource -Name $ContentSource }
        $request = @{
            Method     = 'c2r/update'
            Parameters = $parameters
            TypeName   = 'C2RBridge.UpdateResult'
            Activity   = 'Updating Microsoft 365 Apps'
            TimeoutSec = $TimeoutSec
        }
        Invoke-BridgeRequest @request
    }
}
