function Invoke-C2RDownload {
    <#
    .SYNOPSIS
        Downloads an update of Microsoft 365 Apps without installing it.
    .DESCRIPTION
        Tells Click-to-Run to download an update and returns its status. With
        -Wait, shows the progress and returns when the download has ended; a
        failed download is then an error. Ctrl+C also stops the download in
        Windows; after -TimeoutSec it continues there. Invoke-C2RApply installs
        the downloaded update.
    .PARAMETER DisplayLevel
        Lets Office show its own update windows.
    .PARAMETER UpdateBaseUrl
        Where to download from instead of the Office CDN: a web server, a share
        or a folder that holds an Office image. Click-to-Run runs as SYSTEM:
        give the full path of a folder, and a share by its UNC path.
    .PARAMETER UpdateToVersion
        The version to install, for example 16.0.19929.20172. A version older
        than the installed one rolls back. The newest version of the channel
        when absent.
    .PARAMETER DownloadSource
        The CLSID of a custom BITS manager that serves the content; requires
        -ContentId.
    .PARAMETER ContentId
        What the custom BITS manager is asked for; requires -DownloadSource.
    .PARAMETER ContentSource
        The name of a source that Register-C2RContentSource registered, instead
        of -DownloadSource and -ContentId.
    .PARAMETER Wait
        Returns only when the download has ended.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds. The error then says whether the
        operation continues in Windows.
    .PARAMETER PollMs
        How often to look at the status while waiting, in milliseconds, at
        first; up to 5000 while nothing changes.
    .PARAMETER AsJob
        Waits for the download in a background job and returns that job.
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
        Invoke-C2RDownload -Wait

        Downloads the newest update of the channel and shows the progress.
    .EXAMPLE
        Invoke-C2RDownload -UpdateToVersion 16.0.19929.20172 -UpdateBaseUrl http://server/office

        Starts the download of one version from your own server and returns at
        once.
    .EXAMPLE
        Get-C2RContentSource -Name Current | Invoke-C2RDownload -Wait

        Downloads from a registered source; -ContentSource Current does the
        same.
    .EXAMPLE
        Import-Csv .\devices.csv | Invoke-C2RDownload -Wait -WhatIf

        Takes the parameters from columns such as UpdateToVersion, and shows
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    process {
        Import-CallerPreference
        Assert-ContentSource
        $what = if ($UpdateToVersion) { "Download version $UpdateToVersion" } else { 'Download the newest update' }
        if (-not (Confirm-Change -Target 'Microsoft 365 Apps' -Action $what)) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $request = @{
            Method     = 'c2r/download'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DisplayLevel, UpdateBaseUrl,
            UpdateToVersion, DownloadSource, ContentId, Wait, TimeoutSec, PollMs
            TypeName   = 'C2RBridge.UpdateStatus'
        }
        if ($ContentSource) { $request.Parameters += Resolve-ContentSource -Name $ContentSource }
        if ($Wait) { $request.Activity = 'Downloading the update of Microsoft 365 Apps' }
        Invoke-BridgeRequest @request
    }
}
