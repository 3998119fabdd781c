function Get-UpdateManager {
    # Who manages Office updates through COM: a service, or our own remediation; nothing where nobody does.
    param([string[]] $Service, [double] $RemediationDays, [string] $StateFolder)

    if ($Service -and (Get-Command -Name Get-Service -ErrorAction Ignore)) {
        foreach ($found in Get-Service -Name $Service -ErrorAction Ignore) { return "the service $($found.Name)" }
    }
    $note = Get-RemediationNotePath -Name OfficeUpdate -StateFolder $StateFolder
    if (-not [IO.File]::Exists($note)) { return }
    # One from the future is from a clock that was set right since.
    $days = [Math]::Abs(([datetime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($note)).TotalDays)
    if ($days -le $RemediationDays) { return 'the remediation OfficeUpdate' }
}
