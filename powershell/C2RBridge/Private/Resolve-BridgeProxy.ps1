function Resolve-BridgeProxy {
    # Gives the wire's `proxy` for a cmdlet's -Proxy and -ProxyCredential (`$PSBoundParameters`) as the only entry of a
    # dictionary, or an empty one where there is none to use. On Windows the bridge asks the system for each address that it
    # goes to; elsewhere .NET is asked here, once, for where the cmdlet goes, which is -Uri where no parameter says it.
    param([Collections.IDictionary] $Bound, [string] $Uri)

    $url = $Bound['Proxy']
    if ($url -eq 'System' -and (Test-OnWindows)) {
        $url = 'system'
    }
    elseif ($url -eq 'System') {
        $goals = $Bound['BaseUrl'], $Uri, $Bound['Endpoint'], 'https://clients.config.office.net/releases/v1.0/filelist'
        $target = [uri] ($goals | Where-Object { $_ } | Select-Object -First 1)
        $found = [Net.WebRequest]::GetSystemWebProxy().GetProxy($target)
        $url = if ($null -eq $found -or $found -eq $target) { '' } else { $found.AbsoluteUri }
    }
    $credential = $Bound['ProxyCredential']
    if ($credential -and -not $Bound['Proxy']) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidParams -Category InvalidArgument `
                    -Message 'ProxyCredential is for a proxy, and no Proxy is given.' `
                    -RecommendedAction "Give the URL of the proxy, or -Proxy System, or leave the credential out."))
    }
    if (-not $url) { return @{} }
    if (-not $credential) { return @{ proxy = $url } }
    $network = $credential.GetNetworkCredential()
    $name = if ($network.Domain) { $network.Domain + '\' + $network.UserName } else { $network.UserName }
    return @{ proxy = @{ url = $url; username = $name; password = $network.Password } }
}
