function Resolve-BridgeProxy {
    # Gives the wire's `proxy` as the only entry of a dictionary, or an empty one where there is none to use. `System` asks
    # for the proxy that the system has for -Uri; the bridge itself has no way to ask.
    param([string] $Proxy, [pscredential] $ProxyCredential, [string] $Uri)

    $url = $Proxy
    if ($Proxy -eq 'System') {
        $target = [uri] $Uri
        $found = [Net.WebRequest]::GetSystemWebProxy().GetProxy($target)
        $url = if ($null -eq $found -or $found -eq $target) { '' } else { $found.AbsoluteUri }
    }
    if (-not $url) { return @{} }
    if (-not $ProxyCredential) { return @{ proxy = $url } }
    $credential = $ProxyCredential.GetNetworkCredential()
    $name = if ($credential.Domain) { $credential.Domain + '\' + $credential.UserName } else { $credential.UserName }
    return @{ proxy = @{ url = $url; username = $name; password = $credential.Password } }
}
