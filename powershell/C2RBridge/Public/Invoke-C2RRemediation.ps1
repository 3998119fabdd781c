function Invoke-C2RRemediation {
    <#
    .SYNOPSIS
        Detects or corrects the desired state, for Intune and ConfigMgr.
    .DESCRIPTION
        Compares Office, or the signatures of Defender, with what is wanted of
        them, and with -Remediate does what is missing. It never throws: the
        result has one line of text for the report (ASCII, at most 2,048
        characters), an exit code, and the word Compliant, NonCompliant or
        Unknown for a rule to compare.

        Long work is started and not waited for, unless -Wait is given: the next
        run does the next step. What a remediation did is kept in a note below
        ProgramData that only administrators can change, and the next detection
        repeats it.

        The scripts in powershell/intune are made of one call of this cmdlet.
        For Intune, upload both scripts of a pair as a remediation that runs as
        SYSTEM. For Configuration Manager, set ConfigurationItem at their top to
        $true and use them as the discovery script and the remediation script of
        a configuration item of data type String, with the compliance rule:
        value equals Compliant.
    .PARAMETER Name
        What it is about. OfficeUpdate: version, channel, and an update that
        waits. OfficeManagement: management through COM whose manager is gone.
        DefenderSignature: the age of Defender's antivirus signatures.
    .PARAMETER Remediate
        Puts right what is not as wanted; without it, it is only detected.
    .PARAMETER MinimumVersion
        OfficeUpdate: the oldest version that is good enough, for example
        16.0.19929.20172; empty: any.
    .PARAMETER Channel
        OfficeUpdate: the update channel, for example MonthlyEnterprise; empty:
        any.
    .PARAMETER MaxStagedDays
        OfficeUpdate: how many days a downloaded update may wait to be applied.
    .PARAMETER OnBlockingApps
        OfficeUpdate: what to do about running Office apps: Fail with their
        names, or Force them to close (people lose unsaved work).
    .PARAMETER MaxAgeHours
        DefenderSignature: how old the antivirus signatures may be.
    .PARAMETER Source
        DefenderSignature: where they come from; several are tried one after
        another. Default is the order that the device is configured with.
    .PARAMETER RetryCount
        DefenderSignature: how often a source that failed is tried again.
    .PARAMETER ExemptThirdPartyAntivirus
        DefenderSignature: a device whose protection another antivirus owns is
        compliant, and the text says so.
    .PARAMETER ManagerService
        OfficeManagement: services that show that somebody manages Office
        updates through COM. CcmExec is the client of Configuration Manager.
    .PARAMETER RemediationDays
        OfficeManagement: how many days after its last run OfficeUpdate counts
        as such a manager: a remediation, and once there was one a detection.
    .PARAMETER Wait
        Waits for the end instead of leaving the work to Windows.
    .PARAMETER StateFolder
        Where notes are kept, if not in C2RBridge below ProgramData.
    .EXAMPLE
        Invoke-C2RRemediation -Name DefenderSignature -MaxAgeHours 24

        Says whether the signatures are at most a day old.
    .EXAMPLE
        $result = Invoke-C2RRemediation -Name OfficeUpdate -Channel MonthlyEnterprise -Remediate
        $result.Text
        exit $result.ExitCode

        The last lines of a remediation script for Intune.
    .EXAMPLE
        (Invoke-C2RRemediation -Name OfficeUpdate -MinimumVersion 16.0.19929.20172).Compliance

        The discovery script of a configuration item: prints one word.
    .EXAMPLE
        Invoke-C2RRemediation -Name OfficeUpdate -Channel Current -Remediate -WhatIf

        Says what would be done.
    .OUTPUTS
        C2RBridge.RemediationResult
    .LINK
        Get-C2RReport
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.RemediationResult')]
    param(
        [Parameter(Mandatory)]
        [ValidateSet('OfficeUpdate', 'OfficeManagement', 'DefenderSignature')]
        [string] $Name,

        [switch] $Remediate,

        [string] $MinimumVersion = '',

        [ValidateSet('', 'Current', 'CurrentPreview', 'MonthlyEnterprise', 'SemiAnnual', 'SemiAnnualPreview', 'BetaChannel', 'PerpetualVL2019', 'PerpetualVL2021', 'PerpetualVL2024')]
        [string] $Channel = '',

        [ValidateRange(0, 3650)]
        [double] $MaxStagedDays = 3,

        [ValidateSet('Fail', 'Force')]
        [string] $OnBlockingApps = 'Fail',

        [ValidateRange(1, 8760)]
        [int] $MaxAgeHours = 24,

        [ValidateSet('Default', 'Managed', 'Unmanaged', 'Http', 'Unc')]
        [ValidateCount(1, 10)]
        [string[]] $Source = 'Default',

        [ValidateRange(0, 10)]
        [int] $RetryCount = 0,

        [switch] $ExemptThirdPartyAntivirus,

        [string[]] $ManagerService = 'CcmExec',

        [ValidateRange(0, 3650)]
        [double] $RemediationDays = 14,

        [switch] $Wait,

        [string] $StateFolder = ''
    )

    Import-CallerPreference
    # As it is spelt here, however it was typed: by it notes are found, and in Turkish an I is not an i.
    $Name = @('OfficeUpdate', 'OfficeManagement', 'DefenderSignature' -eq $Name)[0]
    if ($StateFolder) { $StateFolder = Resolve-FileSystemPath -Path $StateFolder }
    $names = switch ($Name) {
        OfficeUpdate { 'MinimumVersion', 'Channel', 'MaxStagedDays', 'OnBlockingApps' }
        DefenderSignature { 'MaxAgeHours', 'Source', 'RetryCount' }
    }
    # The defaults count as well; what is empty is not wanted.
    $given = @{}
    foreach ($each in $names) { if ("$(Get-Variable -Name $each -ValueOnly)") { $given[$each] = Get-Variable -Name $each -ValueOnly } }
    $parameters = ConvertTo-BridgeParameter -Bound $given -Name @($given.Keys)
    $wanted = switch ($Name) {
        OfficeUpdate { @{ office = $parameters; exempt = @('noOffice') } }
        OfficeManagement { @{ office = @{ comManagement = $false }; exempt = @('noOffice') } }
        DefenderSignature { @{ defenderSignature = $parameters; exempt = @(if ($ExemptThirdPartyAntivirus) { 'thirdPartyAntivirus' }) } }
    }
    $request = @{ Name = $Name; Wanted = $wanted; StateFolder = $StateFolder; CalledCmdlet = $PSCmdlet }
    if ($Name -eq 'OfficeManagement') { $request.Manager = { Get-UpdateManager -Service $ManagerService -RemediationDays $RemediationDays -StateFolder $StateFolder } }
    # Until it is agreed to. What was only looked at leaves no note, also where it fails.
    $preview = $true
    try {
        if (-not $Remediate) { return Test-DesiredState @request }
        $preview = -not $PSCmdlet.ShouldProcess('this device', "Put right what $Name finds")
        Set-DesiredState @request -Wait:$Wait -Preview:$preview
    } catch {
        $action = if ($_.ErrorDetails) { $_.ErrorDetails.RecommendedAction }
        $reason = "$("$_".TrimEnd('.')). $action".Trim()
        $noted = if (-not $preview) { Write-RemediationNote -Name $Name -StateFolder $StateFolder -Text $reason }
        $subject = if (-not $Remediate) { 'Not known' } elseif ($Name -like 'Office*') { 'Office' } else { 'Defender' }
        New-RemediationResult -Name $Name -Compliance Unknown -ExitCode 1 -Text "${subject}: $reason$noted"
    }
}
