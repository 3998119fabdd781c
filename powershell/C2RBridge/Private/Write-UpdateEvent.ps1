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
    $changed = $Result.PSObject.Properties['changed']
    if ($null -eq $changed -or -not $changed.Value) { return }
    $before, $after = if ($Method -eq 'defender/update') {
        foreach ($versions in $Result.versionsBefore, $Result.versionsAfter) { if ($versions) { $versions.antivirusSignature.version } else { 'an unknown version' } }
    } else {
        foreach ($version in $Result.versionBefore, $Result.versionAfter) { if ($version) { $version } else { 'an unknown version' } }
    }
    $isDefender = $Method -eq 'defender/update' -or ($Method -eq 'desired/set' -and $Result.defenderSignature)
    $what = if ($isDefender) { 'The antivirus signatures were' } else { 'Microsoft 365 Apps was' }
    Write-ApplicationEvent -Id 1 -Type Information -Text "$what updated from $before to $after by $command."
}
