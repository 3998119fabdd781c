function Save-C2RContent {
    <#
    .SYNOPSIS
        Builds or completes a verified local copy of the Office CDN.
    .DESCRIPTION
        Downloads the files of one Office version into a folder that
        Click-to-Run can update from, and checks each file against the hash that
        Microsoft publishes for it. If a run is stopped or killed, the next run
        resumes it. Files that are already present and valid are not downloaded
        again. Several versions can share one folder, which leads Office to the
        newest of them that is whole; Remove-C2RContent removes versions.
        manifest.json in the folder lists its files and their origin.
        With -WhatIf, lists what would be done to each file, with sizes, and
        writes nothing.
    .PARAMETER File
        Files as Get-C2RFileList gives them.
    .PARAMETER Destination
        The folder of the image; it is created where it is missing.
    .PARAMETER Channel
        The update channel; SemiAnnual when absent. The names of earlier years,
        such as Monthly or Broad, are understood.
    .PARAMETER Version
        The version, for example 16.0.19929.20172; the newest of the channel
        when absent.
    .PARAMETER Arch
        The architecture of Office: x64 (the default) or x86. ARM64 devices take
        x64.
    .PARAMETER Languages
        Languages such as en-us. Language-neutral files are always included.
    .PARAMETER ProofingLanguages
        Languages whose proofing tools alone are included, besides Languages.
    .PARAMETER AllLanguages
        Includes the files of every language.
    .PARAMETER Endpoint
        The URL of the file list service; Microsoft's when absent. The older
        https://config.office.com/api/filelist answers alike.
    .PARAMETER BaseUrl
        A mirror of the CDN folder of the channel to download from, instead of
        the addresses in the list.
    .PARAMETER Concurrency
        How many transfers run at once; 6 when absent.
    .PARAMETER Retries
        How often a broken transfer that makes no progress is retried; 4 when
        absent.
    .PARAMETER IdleTimeoutSec
        How many seconds of silence count as a broken transfer; 30 when absent.
        So do fewer than 100 bytes a second over that time.
    .PARAMETER MaxBytesPerSecond
        The download limit in bytes per second for all transfers together, for
        example 10MB.
    .PARAMETER Proxy
        The HTTP proxy to use, for example http://proxy:8080, or System for the
        one that Windows uses for each address, by script and detection too.
        A proxy that asks for Negotiate or NTLM is signed in to as the account
        that runs this, on Windows. Without this parameter, no proxy.
    .PARAMETER ProxyCredential
        The name and password for the proxy. They are neither logged nor stored.
    .PARAMETER Force
        Hashes every existing file instead of trusting it, and downloads the
        invalid ones again.
    .PARAMETER AsJob
        Works in a background job and returns that job.
    .EXAMPLE
        Get-C2RFileList -Channel MonthlyEnterprise -Languages en-us | Save-C2RContent -Destination D:\Office

        Builds an image with one language.
    .EXAMPLE
        Save-C2RContent -Channel Current -Languages de-de -Destination \\server\office -MaxBytesPerSecond 20MB -Proxy System

        Does the same in one step, slowly, and through the proxy of the system.
    .EXAMPLE
        Save-C2RContent -Channel Current -Destination D:\Office -WhatIf

        Shows which files would be downloaded, and how large they are.
    .EXAMPLE
        Save-C2RContent -Channel Current -Languages en-us -Destination D:\Office | Invoke-C2RUpdate

        Updates this computer from the image.
    .OUTPUTS
        C2RBridge.StageResult
    .LINK
        Get-C2RFileList
    .LINK
        Test-C2RContent
    .LINK
        Remove-C2RContent
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess, DefaultParameterSetName = 'Query')]
    [OutputType('C2RBridge.StageResult')]
    param(
        [Parameter(Mandatory, ValueFromPipeline, ParameterSetName = 'File')]
        # Where $PSDefaultParameterValues has one of that set, PowerShell has chosen it before anything comes through the pipeline.
        [Parameter(ValueFromPipeline, ParameterSetName = 'Query')]
        [ValidateNotNull()]
        [psobject[]] $File,

        [Parameter(Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string] $Destination,

        [Parameter(ParameterSetName = 'Query')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Channel,

        [Parameter(ParameterSetName = 'Query')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Version,

        [Parameter(ParameterSetName = 'Query')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Arch,

        [Parameter(ParameterSetName = 'Query')]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $Languages,

        [Parameter(ParameterSetName = 'Query')]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $ProofingLanguages,

        [Parameter(ParameterSetName = 'Query')]
        [switch] $AllLanguages,

        [Parameter(ParameterSetName = 'Query')]
        [ValidateNotNullOrEmpty()]
        [string] $Endpoint,

        [ValidateNotNullOrEmpty()]
        [string] $BaseUrl,

        [ValidateRange(1, 32)]
        [int] $Concurrency,

        [ValidateRange(0, 20)]
        [int] $Retries,

        [ValidateRange(1, 600)]
        [int] $IdleTimeoutSec,

        [ValidateRange(1024, 1099511627776)]
        [long] $MaxBytesPerSecond,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Proxy,

        [ValidateNotNull()]
        [pscredential] $ProxyCredential,

        [switch] $Force,

        [switch] $AsJob
    )

    begin {
        $files = [Collections.Generic.List[object]]::new()
    }
    process {
        foreach ($item in $File) {
            # The JSON of another object, such as a file or a module, would hold all that hangs on it.
            $isListed = if ($item -is [Collections.IDictionary]) { @($item.Keys) -contains 'url' } else { $item.PSObject.Properties['url'] }
            if (-not $isListed) {
                $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId ContentInvalid -Category InvalidData -TargetObject $item `
                            -Message 'A file object has no url.' `
                            -RecommendedAction 'Give -File what Get-C2RFileList gives, or objects with the same properties.'))
            }
            $files.Add($item)
        }
    }
    end {
        Import-CallerPreference
        $query = 'Channel', 'Version', 'Arch', 'Languages', 'ProofingLanguages', 'AllLanguages', 'Endpoint'
        $bound = $PSCmdlet.MyInvocation.BoundParameters
        $defaulted = @(Get-DefaultedName -Name $query)
        $meant = @($query | Where-Object -FilterScript { $bound.ContainsKey($_) -and $defaulted -notcontains $_ })
        $isGiven = $PSCmdlet.ParameterSetName -eq 'File' -or $files.Count -gt 0 -or ($MyInvocation.ExpectingInput -and -not $meant)
        # What was meant beside files the bridge refuses.
        if ($isGiven) { foreach ($each in $defaulted) { $null = $bound.Remove($each) } }
        $parameters = ConvertTo-BridgeParameter -Bound $bound -Name ($query + @(
                'Destination', 'BaseUrl', 'Concurrency', 'Retries', 'IdleTimeoutSec', 'MaxBytesPerSecond', 'Force'))
        $path = $parameters.destination
        $uri = ''
        if ($isGiven) {
            if ($files.Count -eq 0) { return }
            $parameters.files = $files.ToArray()
            $url = $files[0].PSObject.Properties['Url']
            if ($url) { $uri = $url.Value }
        }
        $parameters += Resolve-BridgeProxy -Bound $PSBoundParameters -Uri $uri

        if ($WhatIfPreference) {
            $plan = Invoke-BridgeRequest -Method 'content/stage' -Parameters ($parameters + @{ dryRun = $true }) -TypeName 'C2RBridge.StageResult'
            foreach ($planned in $plan.Plan) {
                $size = if ($null -eq $planned.Size) { 'size unknown' } else { '{0:N0} bytes' -f $planned.Size }
                $null = $PSCmdlet.ShouldProcess("$($planned.Path) ($size)", $planned.Action)
            }
            $null = $PSCmdlet.ShouldProcess($path, ('Complete an image of {0} files with {1:N0} bytes' -f $plan.Files, $plan.Bytes))
            return
        }
        if (-not (Confirm-Change -Target $path -Action 'Download and verify Office content')) { return }
        if ($AsJob) {
            # What came through the pipeline is not among the bound parameters.
            $given = if ($files.Count -gt 0) { @{ File = $files.ToArray(); Destination = $path } } else { @{ Destination = $path } }
            return Start-BridgeJob -Parameters $given
        }
        $request = @{
            Method     = 'content/stage'
            Parameters = $parameters
            TypeName   = 'C2RBridge.StageResult'
            Activity   = "Staging Office content into $path"
        }
        Invoke-BridgeRequest @request
    }
}
