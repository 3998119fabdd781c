# An id of our own, so that a script's own progress bar, which has 0 by default, stays.
$script:ProgressId = 7226

function Write-BridgeProgress {
    # Shows one progress value of the bridge; without a value, takes the bar away.
    param([string] $Activity, $Value)

    if ($null -eq $Value) {
        $record = [Management.Automation.ProgressRecord]::new($script:ProgressId, $Activity, 'Completed')
        $record.RecordType = 'Completed'
    } else {
        try {
            $elapsed = [timespan]::FromMilliseconds($Value.elapsedMs)
            $text = '{0} ({1}:{2:00})' -f $Value.message.TrimEnd('.'), [Math]::Floor($elapsed.TotalMinutes), $elapsed.Seconds
            $record = [Management.Automation.ProgressRecord]::new($script:ProgressId, $Activity, $text)
            $record.CurrentOperation = $Value.phase
            $record.PercentComplete = if ($null -eq $Value.percent) { -1 } else { [int] [Math]::Floor($Value.percent) }
            if ($Value.PSObject.Properties['remainingMs'] -and $null -ne $Value.remainingMs) {
                $record.SecondsRemaining = [int] [Math]::Ceiling($Value.remainingMs / 1000)
            }
        } catch {
            # An update does not end because its progress cannot be shown.
            return
        }
    }
    $PSCmdlet.WriteProgress($record)
}
