function Restart-ClickToRun {
    # Restarts the service of Click-to-Run, so that a change of its management takes effect, unless it is at work. Gives what
    # came of it, as a clause.
    param([bool] $Busy)

    $service = if (Get-Command -Name Get-Service -ErrorAction Ignore) { Get-Service -Name ClickToRunSvc -ErrorAction Ignore }
    if (-not $service -or $Busy) { return 'in force with the next restart of ClickToRunSvc' }
    Restart-Service -InputObject $service -Force -WhatIf:$false -Confirm:$false
    return 'service restarted'
}
