# What the release history service said in this session, by endpoint, and how long ago: a completer must not ask at every key,
# and a session may last for weeks.
$script:KnownChannels = @{}
$script:ChannelsAge = @{}

function Get-ReleasedVersion {
    # Completes a version from the releases of the channel in a command, or of all channels, newest first: by the version
    # itself, by its number (2608) and by its build. Gives nothing if the service cannot be reached, which is not a reason to
    # disturb the user.
    param([Collections.IDictionary] $BoundParameters, [string] $WordToComplete)

    $endpoint = @{}
    if ($BoundParameters.Contains('Endpoint')) { $endpoint.Endpoint = $BoundParameters.Endpoint }
    $key = "$($BoundParameters['Endpoint'])"
    try {
        $age = $script:ChannelsAge[$key]
        if (-not $script:KnownChannels[$key] -or ($age -and $age.Elapsed.TotalHours -ge 1)) {
            # Before it is asked: where that fails, what is known stays good for as long again.
            $script:ChannelsAge[$key] = [Diagnostics.Stopwatch]::StartNew()
            $script:KnownChannels[$key] = @(Get-C2RChannel @endpoint -WarningAction SilentlyContinue)
        }
    } catch {
        if (-not $script:KnownChannels[$key]) { return }
    }
    $wanted = $BoundParameters['Channel']
    $typed = $WordToComplete.TrimStart("'", '"')
    $releases = foreach ($channel in $script:KnownChannels[$key]) {
        if ($wanted -and @($channel.Name) + @($channel.AlternateNames) -notcontains $wanted) { continue }
        $channel.Releases
        # The newest one need not be among them.
        if ($channel.LatestVersion -and @($channel.Releases | ForEach-Object -Process { $_.Version }) -notcontains $channel.LatestVersion) {
            [pscustomobject] @{ Version = $channel.LatestVersion; Release = $null; Build = $null; AvailableAt = $null }
        }
    }
    $releases |
        Where-Object -FilterScript { $_.Version -as [version] } |
        Where-Object -FilterScript { @($_.Version, $_.Release, $_.Build | Where-Object { "$_".StartsWith($typed, [StringComparison]::OrdinalIgnoreCase) }).Count -gt 0 } |
        Sort-Object -Property { [version] $_.Version } -Descending -Unique |
        ForEach-Object -Process {
            $shown = if ($_.Release) { '{0} ({1})' -f $_.Version, $_.Release } else { $_.Version }
            $date = if ($_.AvailableAt) { ', ' + $_.AvailableAt.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
            [Management.Automation.CompletionResult]::new($_.Version, $shown, 'ParameterValue', "$shown$date")
        }
}
