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
        -TimeoutSec, what runs goes on in Windows. Asks for confirmation only
        where Office apps may be closed by force; pass -Confirm:$false in
        scripts that nobody watches.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER UpdateBaseUrl
        Where to download from instead of the Office CDN: a web server or a
        share that holds an Office image.
    .PARAMETER UpdateToVersion
        The version to move to, for example 16.0.19929.20172; one older than the
        installed version rolls back. Without it, the newest version of the
        channel.
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
        once, and people lose what they have not saved.
    .PARAMETER OnBlockingApps
        What to do when Office apps run: Fail with an error that names them
        before anything is downloaded (the default), close them by Force, or
        download and then Wait until people have closed them.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether
        Windows goes on by itself.
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
        The same through sessions that are open already, for example over SSH:
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
        if ($forced) { $what += ' and close running Office apps by force' }
        # The impact is high only where work can be lost; for the rest this is what ConfirmImpact Medium would do. The preference
        # itself stays: PowerShell reads it once for all objects of a pipeline, of which the next may be forced.
        $mayAsk = $forced -or $WhatIfPreference -or $ConfirmPreference -ne 'High'
        if ($mayAsk -and -not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', $what)) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, UpdateBaseUrl, UpdateToVersion,
        DownloadSource, ContentId, ForceAppShutdown, PollMs
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
