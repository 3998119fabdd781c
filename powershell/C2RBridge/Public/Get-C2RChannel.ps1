function Get-C2RChannel {
    <#
    .SYNOPSIS
        Lists the update channels of Microsoft 365 Apps and their releases.
    .DESCRIPTION
        Asks Microsoft's release history service and gives one object for each
        channel: its newest version, such as 16.0.20326.20100, with the number
        (2608), build and date that people know it by, and its releases. Raw
        holds everything that the service sent.

        Where the service fails, the CDN's own list of its releases answers,
        which is shorter: a warning says so, and so does Source. Another warning
        says when the newest release is so old that the list is stale.
    .PARAMETER ProductIds
        Lists only the channels that have every one of these products, such as
        O365ProPlusRetail; Get-C2RSku lists them.
    .PARAMETER Endpoint
        The URL of the file list service; Microsoft's when absent. The older
        https://config.office.com/api/filelist answers alike.
    .PARAMETER ReleaseHistory
        The URL of the CDN's releasehistory.cab; Microsoft's when absent, unless
        Endpoint is of another network.
    .PARAMETER Proxy
        The HTTP proxy to use, for example http://proxy:8080, or System for the
        one that Windows uses for each address, by script and detection too.
        A proxy that asks for Negotiate or NTLM is signed in to as the account
        that runs this, on Windows. Without this parameter, no proxy.
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
        [string[]] $ProductIds,

        [ValidateNotNullOrEmpty()]
        [string] $Endpoint,

        [ValidateNotNullOrEmpty()]
        [string] $ReleaseHistory,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Proxy,

        [ValidateNotNull()]
        [pscredential] $ProxyCredential
    )

    $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name ProductIds, Endpoint, ReleaseHistory
    $parameters += Resolve-BridgeProxy -Bound $PSBoundParameters
    $request = @{
        Method     = 'content/channels'
        Parameters = $parameters
        TypeName   = 'C2RBridge.ChannelList'
        Needs      = 'source', 'sourceReason', 'freshness', 'newestReleaseAt'
        Verbatim   = 'raw'
    }
    $list = Invoke-BridgeRequest @request
    if ($list.Source -ne 'service') {
        Write-Warning -Message "The release history of the CDN answers, because the service failed: $($list.SourceReason)"
    }
    if ($list.Freshness -eq 'stale') {
        Write-Warning -Message ('The newest release in this list is of {0:yyyy-MM-dd}: it may be stale.' -f $list.NewestReleaseAt)
    } elseif ($list.Freshness -eq 'empty') {
        Write-Warning -Message 'The service answered, but knows no channels.'
    }
    foreach ($channel in Expand-Result -Method $request.Method -Object $list -Member Channels -TypeName C2RBridge.Channel) {
        $channel.PSObject.Properties.Remove('Source')
        $channel.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new('Source', $list.Source))
        $channel
    }
}
