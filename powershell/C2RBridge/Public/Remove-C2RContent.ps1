function Remove-C2RContent {
    <#
    .SYNOPSIS
        Removes old versions from a local image of the Office CDN.
    .DESCRIPTION
        Removes the files of whole versions and leaves the rest as an image that
        verifies: the version cabinets name a version that is there, and the
        manifest lists what is left. A version whose staging was interrupted
        does not count for -Keep: it goes with those that are older than the
        ones that stay, or with -Version. A version that a content source serves
        at the moment stays, and the error InUse says so. If a run is killed,
        the image still verifies, and the next run removes the rest. With
        -WhatIf, lists each version with its files and size, and removes
        nothing.
    .PARAMETER Path
        The folder of the image.
    .PARAMETER Keep
        How many of the newest versions stay.
    .PARAMETER Version
        The versions to remove, for example 16.0.19929.20172. Those that are not
        there are ignored.
    .EXAMPLE
        Remove-C2RContent -Path D:\Office -Keep 2

        Leaves the two newest versions.
    .EXAMPLE
        Remove-C2RContent -Path D:\Office -Keep 2 -WhatIf

        Shows which versions would go, and how large they are.
    .EXAMPLE
        Save-C2RContent -Channel Current -Destination D:\Office | Remove-C2RContent -Keep 3

        Adds the newest version to an image and leaves three.
    .OUTPUTS
        C2RBridge.ContentRemoval
    .LINK
        Save-C2RContent
    .LINK
        Test-C2RContent
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess, DefaultParameterSetName = 'Keep')]
    [OutputType('C2RBridge.ContentRemoval')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Destination', 'FullName')]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [Parameter(Mandatory, ParameterSetName = 'Keep')]
        [ValidateRange(1, 1000)]
        [int] $Keep,

        [Parameter(Mandatory, ParameterSetName = 'Version')]
        [ValidateNotNullOrEmpty()]
        [string[]] $Version
    )

    process {
        Import-CallerPreference
        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Path, Keep, Version -Rename @{ Version = 'versions' }
        $folder = $parameters.path
        $request = @{
            Method     = 'content/prune'
            Parameters = $parameters
            TypeName   = 'C2RBridge.ContentRemoval'
        }
        if ($WhatIfPreference) {
            $request.Parameters = $parameters + @{ dryRun = $true }
            $plan = Invoke-BridgeRequest @request
            foreach ($leaving in Expand-Result -Method $request.Method -Object $plan -Member Removed) {
                $what = '{0} ({1} files, {2:N0} bytes)' -f $leaving.Version, $leaving.Files, $leaving.Bytes
                $null = $PSCmdlet.ShouldProcess($folder, "Remove $what")
            }
            return
        }
        $chosen = if ($Version) { $Version -join ', ' } else { "all but the newest $Keep" }
        if (-not (Confirm-Change -Target $folder -Action "Remove versions: $chosen")) { return }
        Invoke-BridgeRequest @request -Activity "Removing versions from $folder"
    }
}
