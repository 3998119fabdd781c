function Get-ReportAge {
    # Says how many Days old the signatures of a report were when it was made, and that in Words. Days is null where there is no
    # age: unknown, never updated, or ahead of the computer's clock.
    param($Report)

    $state = Get-ReportValue -Report $Report -Path Defender.SignatureAge.State
    $updated = Get-ReportValue -Report $Report -Path Defender.Versions.AntivirusSignature.UpdatedAt
    if ($state -eq 'never') { return @{ Days = $null; Words = 'never updated' } }
    if ($state -eq 'clockAhead') { return @{ Days = $null; Words = 'ahead of the clock' } }
    if ($null -eq ($updated -as [datetime]) -or $null -eq $Report.GeneratedAt) { return @{ Days = $null; Words = 'unknown' } }
    $days = [int] [Math]::Floor((([datetime] $Report.GeneratedAt).ToUniversalTime() - ([datetime] $updated).ToUniversalTime()).TotalDays)
    if ($days -lt 0) { return @{ Days = $null; Words = 'ahead of the clock' } }
    $words = switch ($days) { 0 { 'today' } 1 { '1 day' } default { "$days days" } }
    return @{ Days = $days; Words = $words }
}
