function Register-C2RContentSource {
    <#
    .SYNOPSIS
        Lets Click-to-Run download from your own folder or web server.
    .DESCRIPTION
        Registers an Office image, for example one made by Save-C2RContent,
        under a name. Invoke-C2RDownload -ContentSource and Invoke-C2RUpdate
        -ContentSource then let Click-to-Run download the update from it,
        through a COM class of the bridge that only SYSTEM and Administrators
        may start. Files that are listed in the image's manifest are checked
        against their hash before Office receives them. A name that is
        registered already stands for the new place from then on; COM classes
        of other products are not changed.

        COM starts the server with the first download. It ends 30 seconds after
        Click-to-Run has released its last job.
    .PARAMETER Name
        The name of the content source: letters, digits, dots, hyphens and
        underscores. Case does not matter.
    .PARAMETER Path
        The folder or share that holds the image. Click-to-Run runs as SYSTEM,
        which must be able to read it; a mapped drive belongs to its user alone,
        so give the share by its UNC path.
    .PARAMETER BaseUrl
        The web server that holds the image, for example
        http://server/office. On IIS or ASP.NET, give .dat the MIME type
        application/octet-stream: they answer 404 for types of files that they
        do not know.
    .PARAMETER Clsid
        The COM class that is to serve the content source; without it, the one
        of the bridge. A class that belongs to another product is refused.
    .PARAMETER InputObject
        An object with ContentId or Name, and Path or BaseUrl: what
        Get-C2RContentSource gives on another device, or a line of a CSV file.
    .EXAMPLE
        Register-C2RContentSource -Name Current -Path D:\OfficeImage
        Invoke-C2RUpdate -ContentSource Current

        Registers a staged image, and updates from it.
    .EXAMPLE
        Register-C2RContentSource -Name Current -BaseUrl http://server/office -WhatIf

        Shows what would be registered.
    .EXAMPLE
        Get-C2RContentSource | Register-C2RContentSource

        Repairs the registration of every content source, for example after the
        module has moved to another folder.
    .OUTPUTS
        C2RBridge.ContentSource
    .LINK
        Get-C2RContentSource
    .LINK
        Unregister-C2RContentSource
    .LINK
        Save-C2RContent
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess, DefaultParameterSetName = 'Path')]
    [OutputType('C2RBridge.ContentSource')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ContentId')]
        [ValidateNotNullOrEmpty()]
        [string] $Name,

        [Parameter(Mandatory, ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [Parameter(Mandatory, ParameterSetName = 'BaseUrl')]
        [ValidateNotNullOrEmpty()]
        [string] $BaseUrl,

        [Parameter(Mandatory, ParameterSetName = 'InputObject', ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject] $InputObject,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Clsid
    )

    process {
        Import-CallerPreference
        $given = @{}
        foreach ($key in $PSBoundParameters.Keys) { $given[$key] = $PSBoundParameters[$key] }
        # An object from the pipeline has both, one of them empty; a parameter of an earlier object must not stay.
        if ($PSCmdlet.ParameterSetName -eq 'InputObject') {
            foreach ($key in 'Path', 'BaseUrl') {
                $member = $InputObject.PSObject.Properties[$key]
                $given[$key] = if ($member -and $member.Value) { [string] $member.Value }
            }
        }
        $parameters = ConvertTo-BridgeParameter -Bound $given -Name Name, Path, BaseUrl, Clsid -Rename @{ Name = 'contentId' }
        $source = @($parameters['path'], $parameters['baseUrl'] | Where-Object { $_ }) -join ' and '
        if (-not (Confirm-Change -Target $Name -Action "Serve $source to Click-to-Run")) { return }
        Invoke-BridgeRequest -Method 'bits/register' -Parameters $parameters -TypeName 'C2RBridge.ContentSource'
    }
}
