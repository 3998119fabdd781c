function Get-C2RChannel {
    <#
    .SYNOPSIS
        Lists the update channels of Microsoft 365 Apps and their releases.
    .DESCRIPTION
        Asks Microsoft's release history service and gives one object for each
        channel: its newest version, such as 16.0.20326.20100, with the number
        (2608), build and date that people know it by, and its releases. Raw
        holds everything that the service sent.
    .PARAMETER Endpoint
        The URL of the file list service; Microsoft's when absent. The older
        https://config.office.com/api/filelist answers alike.
    .PARAMETER Proxy
        The HTTP proxy to use, for example http://proxy:8080, or System for the
        one that this system has. Without it, none.
    .PARAMETER ProxyCredential
        The name and password for the proxy. They are neither logged nor stored.
    .EXAMPLE
        Get-C2RChannel

        Shows the channels and the newest version of each.
    .EXAMPLE
        (Get-C2RChannel | Where-Object Name -EQ MonthlyEnterprise).LatestVersion

        Gives the newest version of one channel.
    .EXAMPLE
        (Get-C2RChannel | Where-Object Name -EQ Current).Releases | Sort-Object AvailableAt

        Lists the releases of a channel by date, with number and build.
    .OUTPUTS
        C2RBridge.Channel
    .LINK
        Get-C2RFileList
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.Channel')]
    param(
        [ValidateNotNullOrEmpty()]
        [string] $Endpoint,

        [ValidateNotNullOrEmpty()]
        [string] $Proxy,

        [ValidateNotNull()]
        [pscredential] $ProxyCredential
    )

    $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Endpoint
    $parameters += Resolve-BridgeProxy -Bound $PSBoundParameters
    Invoke-BridgeRequest -Method 'content/channels' -Parameters $parameters -Each Channels -TypeName 'C2RBridge.Channel' -Verbatim raw
}
