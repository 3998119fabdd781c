function Register-C2RContentSource {
    <#
    .SYNOPSIS
        Lets Click-to-Run download from a folder, share or web server of yours.
    .DESCRIPTION
        Registers an Office image, such as Save-C2RContent makes it, under a
        name. Invoke-C2RDownload -ContentSource and Invoke-C2RUpdate
        -ContentSource then let Click-to-Run fetch the update from there,
        through a COM class of the bridge that only SYSTEM and Administrators
        may start. Files that the image's manifest knows are checked against
        their hash before Office gets them. What is registered already stays as
        it is.
    .PARAMETER Name
        The name of the content: letters, digits, dots, hyphens and underscores.
        Case does not matter.
    .PARAMETER Path
        The folder or share that holds the image. Click-to-Run runs as SYSTEM,
        which must be able to read it.
    .PARAMETER BaseUrl
        The web server that holds the image, for example
        http://server/office.
    .PARAMETER Clsid
        The COM class that is to serve the content; without it, the one of the
        bridge. A class that belongs to another product is refused.
    .EXAMPLE
        Register-C2RContentSource -Name Current -Path D:\OfficeImage
        Invoke-C2RUpdate -ContentSource Current

        Registers a staged image, and updates from it.
    .EXAMPLE
        Register-C2RContentSource -Name Current -BaseUrl http://server/office -WhatIf

        Says what would be registered.
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

        [Parameter(Mandatory, ParameterSetName = 'Path', ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [Parameter(Mandatory, ParameterSetName = 'BaseUrl', ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $BaseUrl,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Clsid
    )

    process {
        Import-CallerPreference
        $parameters = @{ contentId = $Name }
        if ($Clsid) { $parameters.clsid = $Clsid }
        $source = $BaseUrl
        if ($PSCmdlet.ParameterSetName -eq 'Path') {
            $source = Resolve-FileSystemPath -Path $Path
            $parameters.path = $source
        } else {
            $parameters.baseUrl = $source
        }
        if (-not $PSCmdlet.ShouldProcess($Name, "Serve $source to Click-to-Run")) { return }
        Invoke-BridgeRequest -Method 'bits/register' -Parameters $parameters -TypeName 'C2RBridge.ContentSource'
    }
}
