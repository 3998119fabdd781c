# What remediations read of the result of desired/test and of desired/set.
$script:DesiredMembers = 'inDesiredState', 'exempted', 'office', 'defenderSignature', 'reasons', 'notes'

function Test-DesiredState {
    # The detection of Invoke-C2RRemediation. `Manager` gives who manages Office updates, whose device is left alone. An
    # advanced function, so that its caller can catch the errors of the bridge.
    [CmdletBinding()]
    param(
        [string] $Name,
        [Collections.IDictionary] $Wanted,
        [string] $StateFolder,
        [scriptblock] $Manager,
        [Management.Automation.PSCmdlet] $CalledCmdlet
    )

    if ($Name -eq 'OfficeUpdate') { Update-RemediationNote -Name $Name -StateFolder $StateFolder }
    $result = @{ Name = $Name; Compliance = 'Compliant'; ExitCode = 0 }
    $found = Invoke-BridgeRequest -Method 'desired/test' -Parameters $Wanted -Needs $script:DesiredMembers
    if ($found.inDesiredState) { return New-RemediationResult @result -Text (Get-CompliantText -Name $Name -Found $found) }
    $owner = if ($Manager) { & $Manager }
    if ($owner) { return New-RemediationResult @result -Text "Management through COM is on for $owner." }

    $unknown = @($found.reasons | ForEach-Object -Process { $_.code }) -contains 'NotAvailable'
    $result.Compliance = if ($unknown) { 'Unknown' } else { 'NonCompliant' }
    $result.ExitCode = 1
    $why = Get-ReasonText -Found $found
    $text = if ($unknown) { "Not known: $why" }
    elseif ($Name -eq 'OfficeManagement') { 'Management through COM is on and nobody manages Office updates.' }
    elseif ($Name -eq 'OfficeUpdate') { "Office: $why" }
    else { $why }
    New-RemediationResult @result -Text "$text$(Read-RemediationNote -Name $Name -StateFolder $StateFolder)"
}
