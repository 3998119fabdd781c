function Restart-ClickToRun {
    # Restarts the service of Click-to-Run, so that a change of its management takes effect, unless it is at work. Gives what
    # came of it, as a clause.
    param([bool] $Busy)

    $service = if (Get-Command -Name Get-Service -ErrorAction Ignore) { Get-Service -Name ClickToRunSvc -ErrorAction Ignore }
    $later = 'in force with the next restart of ClickToRunSvc'
    if (-not $service -or $Busy) { return $later }
    try {
        Restart-Service -InputObject $service -Force -WhatIf:$false -Confirm:$false
        return 'service restarted'
    } catch {
        return "$later ($_)"
    }
}
