function Get-ReportHistory {
    # What the registry and Defender tell about the past, the latest first.
    param($Office, $Defender)

    $events = [Collections.Generic.List[psobject]]::new()
    $add = {
        param($At, $What, $Detail)
        if ($null -ne $At) { $events.Add([pscustomobject] @{ At = $At; Event = $What; Detail = $Detail }) }
    }
    if ($Office -and $Office.Installed) {
        & $add $Office.LastUpdate.DetectedAt 'Office looked for updates' ''
        & $add $Office.LastUpdate.DownloadedAt 'Office downloaded an update' $Office.StagedVersion
        & $add $Office.LastUpdate.AppliedAt 'Office applied an update' $Office.Version
        if ($Office.ChannelSwitch) { & $add $Office.ChannelSwitch.RequestedAt 'Channel change asked for' $Office.ChannelSwitch.Channel }
    }
    if ($Defender -and $Defender.Versions) {
        foreach ($component in 'AntivirusSignature', 'NisSignature', 'Engine', 'Product') {
            $version = $Defender.Versions.$component
            & $add $version.UpdatedAt "Defender updated: $component" $version.Version
        }
    }
    $events | Sort-Object -Property At -Descending
}
