function Format-ReportTime {
    # Gives a time of a report in UTC, the same under every culture and calendar; nothing for none.
    param($Time)

    if ($null -eq $Time) { return '' }
    return ([datetime] $Time).ToUniversalTime().ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture)
}
