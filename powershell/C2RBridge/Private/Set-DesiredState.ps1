function Set-DesiredState {
    # The remediation of Invoke-C2RRemediation. With -Preview nothing is changed. An advanced function, so that its caller can
    # catch the errors of the bridge.
    [CmdletBinding()]
    param(
        [string] $Name,
        [Collections.IDictionary] $Wanted,
        [string] $StateFolder,
        [scriptblock] $Manager,
        [Management.Automation.PSCmdlet] $CalledCmdlet,
        [switch] $Wait,
        [switch] $Preview
    )

    $result = @{ Name = $Name; Compliance = 'Compliant'; ExitCode = 0 }
    $owner = if ($Manager -and -not (Invoke-BridgeRequest -Method 'desired/test' -Parameters $Wanted -Needs $script:DesiredMembers).inDesiredState) { & $Manager }
    if ($owner) { return New-RemediationResult @result -Text "Management through COM stays on for $owner." }

    # Where it cannot be asked nothing is at work.
    $busy = try { [bool] (Get-C2RStatus).Busy } catch { $false }
    # Intune ends a script after an hour. Without -Wait only an update of signatures takes longer than a call does: a minute.
    $timeoutMs = if ($Wait) { 3300000 } else { 300000 }
    $request = $Wanted + @{ wait = [bool] $Wait -or $Name -ne 'OfficeUpdate'; whatIf = [bool] $Preview; timeoutMs = $timeoutMs }
    $subject = if ($Name -like 'Office*') { 'Office' } else { 'Defender' }
    # With progress, so that Ctrl+C amid an Apply says that it continues.
    $brought = Invoke-BridgeRequest -Method 'desired/set' -Parameters $request -Needs ($script:DesiredMembers + 'done', 'continues', 'restartRequired') -Activity "Bringing $subject into the wanted state"
    $done = @($brought.done)
    if ($Preview) { return New-RemediationResult @result -Text "What if: $(if ($done) { $done -join '; ' } else { 'nothing' })." }
    if ($brought.inDesiredState -and -not $done) { return New-RemediationResult @result -Text (Get-CompliantText -Name $Name -Found $brought) }

    $restarts = @($brought.restartRequired | Where-Object -FilterScript { $_ })
    if (@($restarts | Where-Object -FilterScript { $_.PSObject.Properties['service'] })) { $done += Restart-ClickToRun -Busy $busy }
    if (@($restarts | Where-Object -FilterScript { $_.PSObject.Properties['system'] })) { $done += 'a restart is due' }
    $text = "$($done -join ', ')."
    if (-not $brought.inDesiredState) {
        $result.Compliance = 'NonCompliant'
        # What is still under way is neither a failure nor done.
        if (-not $brought.continues) {
            $result.ExitCode = 1
            $text += " $(Get-ReasonText -Found $brought)"
        }
    } elseif ($brought.defenderSignature) {
        $text += " $(Get-ReportValue -Report $brought -Path defenderSignature.age)"
    }
    $trouble = Write-RemediationNote -Name $Name -StateFolder $StateFolder -Text $text
    New-RemediationResult @result -Text "${subject}: $text$trouble"
}
