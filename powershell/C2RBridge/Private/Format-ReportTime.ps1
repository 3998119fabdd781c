function Format-ReportTime {
    # Gives a time of a report in UTC, the same under every culture and calendar; nothing for none.
    param($Time)

    $known = $Time -as [datetime]
    if ($null -eq $known) { return '' }
    return $known.ToUniversalTime().ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture)
}
