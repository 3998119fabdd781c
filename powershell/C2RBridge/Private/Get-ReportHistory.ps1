function Get-ReportHistory {
    # What the registry and Defender tell about the past, the latest first.
    param($Office, $Defender)

    $events = [Collections.Generic.List[psobject]]::new()
    $add = {
        param($At, $What, $Detail)
        if ($At -is [datetime]) { $events.Add([pscustomobject] @{ At = $At; Event = $What; Detail = $Detail }) }
    }
    $about = @{ Office = $Office; Defender = $Defender }
    $value = { param($Path) Get-ReportValue -Report ([pscustomobject] $about) -Path $Path }
    if (& $value Office.Installed) {
        & $add (& $value Office.LastUpdate.DetectedAt) 'Office looked for updates' ''
        & $add (& $value Office.LastUpdate.DownloadedAt) 'Office downloaded an update' (& $value Office.StagedVersion)
        & $add (& $value Office.LastUpdate.AppliedAt) 'Office applied an update' (& $value Office.Version)
        & $add (& $value Office.ChannelSwitch.RequestedAt) 'Channel change asked for' (& $value Office.ChannelSwitch.Channel)
    }
    foreach ($component in 'AntivirusSignature', 'NisSignature', 'Engine', 'Product') {
        $version = "Defender.Versions.$component"
        & $add (& $value "$version.UpdatedAt") "Defender updated: $component" (& $value "$version.Version")
    }
    $events | Sort-Object -Property At -Descending
}
