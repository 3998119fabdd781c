# The methods that change what is installed. Each of their ends is worth an entry, save for those that found nothing to do.
$script:UpdateMethods = 'c2r/update', 'c2r/apply', 'defender/update', 'desired/set'

function Write-UpdateEvent {
    # Writes to the Application log that one of the methods above changed something (event 1) or failed (event 2). Never fails:
    # the log is for those who look later.
    param([string] $Method, $Result, [Management.Automation.ErrorRecord] $Record)

    $command = Get-CommandName
    if ($Record) {
        $advice = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
        Write-ApplicationEvent -Id 2 -Type Error -Text "$command failed. $Record $advice".Trim()
        return
    }
    if (-not (Get-ReportValue -Report $Result -Path changed)) { return }
    $signature = Get-ReportValue -Report $Result -Path defenderSignature
    $paths = if ($Method -eq 'defender/update') { 'versionsBefore.antivirusSignature.version', 'versionsAfter.antivirusSignature.version' } else { 'versionBefore', 'versionAfter' }
    $before, $after = foreach ($path in $paths) {
        $version = Get-ReportValue -Report $Result -Path $path
        if ($version) { $version } else { 'an unknown version' }
    }
    $what = if ($signature -or $Method -eq 'defender/update') { 'The antivirus signatures were' } else { 'Microsoft 365 Apps was' }
    Write-ApplicationEvent -Id 1 -Type Information -Text "$what updated from $before to $after by $command."
}
