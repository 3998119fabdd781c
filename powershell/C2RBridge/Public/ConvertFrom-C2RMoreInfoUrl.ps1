function ConvertFrom-C2RMoreInfoUrl {
    <#
    .SYNOPSIS
        Reads channel, version and languages from an update's MoreInfoUrl.
    .DESCRIPTION
        The metadata of a Microsoft 365 Apps update in WSUS or Configuration
        Manager has a MoreInfoUrl, in which ServicePath names the file list of
        that very update. Understands the published sample with its stray space,
        today's form behind a forwarding link, and the older one without
        ServicePath.
    .PARAMETER MoreInfoUrl
        The MoreInfoUrl as the metadata has it.
    .EXAMPLE
        ConvertFrom-C2RMoreInfoUrl -MoreInfoUrl $update.MoreInfoUrl

        Shows channel, version and architecture of an update.
    .EXAMPLE
        ConvertFrom-C2RMoreInfoUrl $url | Get-C2RFileList | Save-C2RContent -Destination D:\Office

        Builds a local image of the update.
    .OUTPUTS
        C2RBridge.ServicePath
    .LINK
        Get-C2RFileList
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.ServicePath')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $MoreInfoUrl
    )

    process {
        $request = @{
            Method     = 'content/servicePath'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name MoreInfoUrl
            TypeName   = 'C2RBridge.ServicePath'
        }
        Invoke-BridgeRequest @request
    }
}
