function Get-C2RFileList {
    <#
    .SYNOPSIS
        Lists the files of one Office version, ready for Save-C2RContent.
    .DESCRIPTION
        Asks Microsoft's file list service and gives one object for each file:
        where it is, where it belongs in a local image, its language, and where
        its hash is published. Fields that the service sends besides are kept.
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
    .PARAMETER Proxy
        The HTTP proxy to use, for example http://proxy:8080, or System for the
        one that Windows uses for each address, by script and detection too.
        A proxy that asks for Negotiate or NTLM is signed in to as the account
        that runs this, on Windows. Without this parameter, no proxy.
    .PARAMETER ProxyCredential
        The name and password for the proxy. They are neither logged nor stored.
    .EXAMPLE
        Get-C2RFileList -Channel MonthlyEnterprise -Languages en-us, fr-fr

        Lists the newest version with two languages.
    .EXAMPLE
        Get-C2RFileList -Channel Current -Languages de-de | Save-C2RContent -Destination D:\Office

        Builds a local image of it.
    .EXAMPLE
        ConvertFrom-C2RMoreInfoUrl -MoreInfoUrl $url | Get-C2RFileList

        Lists the files of the update that a WSUS update's metadata names.
    .OUTPUTS
        C2RBridge.ContentFile
    .LINK
        Save-C2RContent
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.ContentFile')]
    param(
        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Channel,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Version,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Arch,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $Languages,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $ProofingLanguages,

        [Parameter(ValueFromPipelineByPropertyName)]
        [switch] $AllLanguages,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $Endpoint,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Proxy,

        [ValidateNotNull()]
        [pscredential] $ProxyCredential
    )

    process {
        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Channel, Version, Arch, Languages, ProofingLanguages, AllLanguages, Endpoint
        $parameters += Resolve-BridgeProxy -Bound $PSBoundParameters
        Invoke-BridgeRequest -Method 'content/fileList' -Parameters $parameters -Each Files -TypeName 'C2RBridge.ContentFile'
    }
}
