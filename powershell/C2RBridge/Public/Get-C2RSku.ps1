function Get-C2RSku {
    <#
    .SYNOPSIS
        Lists the products that can be deployed from the Office CDN.
    .DESCRIPTION
        Asks Microsoft's service and returns one object for each product: its id
        for the Office Deployment Tool, its licence, channels and apps. Raw
        holds everything that the service sent.
    .PARAMETER Channel
        Lists only the products of this channel.
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
        Get-C2RSku

        Shows the products.
    .EXAMPLE
        Get-C2RSku -Channel PerpetualVL2024

        Shows the products of one channel.
    .OUTPUTS
        C2RBridge.Sku
    .LINK
        Get-C2RFileList
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.Sku')]
    param(
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Channel,

        [ValidateNotNullOrEmpty()]
        [string] $Endpoint,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Proxy,

        [ValidateNotNull()]
        [pscredential] $ProxyCredential
    )

    $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Channel, Endpoint
    $parameters += Resolve-BridgeProxy -Bound $PSBoundParameters
    Invoke-BridgeRequest -Method 'content/skus' -Parameters $parameters -Each Skus -TypeName 'C2RBridge.Sku' -Verbatim raw
}
