# What the release history service said in this session, by endpoint: a completer must not ask at every key.
$script:KnownChannels = @{}

function Get-ReleasedVersion {
    # Lists the versions of the channel in a command, or of all channels, newest first; nothing where the service cannot be
    # reached, which is no reason to disturb whoever types.
    param([Collections.IDictionary] $BoundParameters)

    $endpoint = @{}
    if ($BoundParameters.Contains('Endpoint')) { $endpoint.Endpoint = $BoundParameters.Endpoint }
    $key = "$($endpoint.Endpoint)"
    try {
        if (-not $script:KnownChannels.ContainsKey($key)) {
            $script:KnownChannels[$key] = @(Get-C2RChannel @endpoint -WarningAction SilentlyContinue)
        }
    } catch {
        return
    }
    $script:KnownChannels[$key] |
        Where-Object { -not $BoundParameters.Contains('Channel') -or $_.Name -eq $BoundParameters.Channel } |
        ForEach-Object -Process { $_.LatestVersion; $_.Releases | ForEach-Object -MemberName Version } |
        Sort-Object -Property { [version] $_ } -Descending -Unique
}
