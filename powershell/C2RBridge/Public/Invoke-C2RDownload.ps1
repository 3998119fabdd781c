function Invoke-C2RDownload {
    <#
    .SYNOPSIS
        Downloads an update of Microsoft 365 Apps without installing it.
    .DESCRIPTION
        Tells Click-to-Run to download an update and returns its status. With
        -Wait, shows the progress and returns when the download has ended; a
        download that fails is then an error. Ctrl+C stops the download, too;
        after -TimeoutSec it goes on in Windows. Invoke-C2RApply installs what
        was downloaded.
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
    .PARAMETER Wait
        Returns only when the download has ended.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether
        Windows goes on by itself.
    .PARAMETER PollMs
        How often to look at the status while waiting, in milliseconds, at
        first; up to 5000 while nothing changes.
    .PARAMETER AsJob
        Waits for the download in a background job and returns that job.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Invoke-C2RDownload -Wait

        Downloads the newest update of the channel and shows the progress.
    .EXAMPLE
        Invoke-C2RDownload -UpdateToVersion 16.0.19929.20172 -UpdateBaseUrl http://server/office

        Starts the download of one version from a server of your own and returns
        at once.
    .EXAMPLE
        Get-C2RContentSource -Name Current | Invoke-C2RDownload -Wait

        Downloads from a registered source; -ContentSource Current does the
        same.
    .EXAMPLE
        Import-Csv .\devices.csv | Invoke-C2RDownload -Wait -WhatIf

        Takes the parameters from columns such as UpdateToVersion, and only says
        what would be done.
    .OUTPUTS
        C2RBridge.UpdateStatus
    .LINK
        Invoke-C2RApply
    .LINK
        Stop-C2RDownload
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.UpdateStatus')]
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

    process {
        Import-CallerPreference
        Assert-ContentSource
        $what = if ($UpdateToVersion) { "Download version $UpdateToVersion" } else { 'Download the newest update' }
        if (-not $PSCmdlet.ShouldProcess('Microsoft 365 Apps', $what)) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob -Parameters @{ Wait = $true } }

        $request = @{
            Method     = 'c2r/download'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, UpdateBaseUrl,
            UpdateToVersion, DownloadSource, ContentId, Wait, PollMs
            TypeName   = 'C2RBridge.UpdateStatus'
            TimeoutSec = $TimeoutSec
        }
        if ($ContentSource) { $request.Parameters += Resolve-ContentSource -Name $ContentSource }
        if ($Wait) { $request.Activity = 'Downloading the update of Microsoft 365 Apps' }
        Invoke-BridgeRequest @request
    }
}
