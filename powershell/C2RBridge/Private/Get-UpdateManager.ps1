function Get-UpdateManager {
    # Who manages Office updates through COM: a service, or our own remediation; nothing where nobody does.
    param([string[]] $Service, [double] $RemediationDays, [string] $StateFolder)

    if ($Service -and (Get-Command -Name Get-Service -ErrorAction Ignore)) {
        foreach ($found in Get-Service -Name $Service -ErrorAction Ignore) { return "the service $($found.Name)" }
    }
    $note = Get-RemediationNotePath -Name OfficeUpdate -StateFolder $StateFolder
    if ([IO.File]::Exists($note) -and ([datetime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($note)).TotalDays -le $RemediationDays) {
        return 'the remediation OfficeUpdate'
    }
}
