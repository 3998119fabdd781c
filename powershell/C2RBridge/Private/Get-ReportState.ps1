function Get-ReportState {
    # Sorts a report into what a fleet is counted by. Gives Rank (worst first), Class (of the page) and Word.
    param($Report)

    if ($null -eq $Report.Office -and $null -eq $Report.Defender -and @($Report.Checks).Count -eq 0) {
        return @{ Rank = 1; Class = 'none'; Word = 'Not reached' }
    }
    $status = "$(Get-ReportValue -Report $Report -Path Status.Status)"
    if (@($Report.Problems).Count -gt 0 -or $status.EndsWith('_FAILED', [StringComparison]::Ordinal)) {
        return @{ Rank = 0; Class = 'bad'; Word = 'Failing' }
    }
    $pending = @(Get-ReportValue -Report $Report -Path Office.ChannelSwitch.Pending | Where-Object -FilterScript { $_ })
    $waits = (Get-ReportValue -Report $Report -Path Office.StagedVersion) -or (Get-ReportValue -Report $Report -Path Status.Busy) -or
    (Get-ReportValue -Report $Report -Path Defender.Due.Antivirus) -or $pending.Count -gt 0
    if ($waits) { return @{ Rank = 2; Class = 'wait'; Word = 'Waiting' } }
    return @{ Rank = 3; Class = 'good'; Word = 'Up to date' }
}
