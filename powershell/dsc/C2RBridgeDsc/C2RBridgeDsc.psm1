# Class-based DSC resources. They are a module of their own, so that C2RBridge itself loads without compiling classes and
# can still say in ConstrainedLanguage mode why it does not work there.
#
# What is not given is not managed: strings that are null or empty, and null where a number or a truth value is expected.

class C2RReason {
    [DscProperty()]
    [string] $Code

    [DscProperty()]
    [string] $Phrase
}

# Version, update channel, COM management and staged updates of Microsoft 365 Apps.
[DscResource()]
class C2ROffice {
    [DscProperty(Key)]
    [ValidateSet('Yes')]
    [string] $IsSingleInstance

    # The update channel that the rules for the update source decide for.
    [DscProperty()]
    [ValidateSet('', 'Current', 'CurrentPreview', 'MonthlyEnterprise', 'SemiAnnual', 'SemiAnnualPreview', 'BetaChannel')]
    [string] $Channel

    # Exactly this version; an older one than installed rolls back.
    [DscProperty()]
    [string] $Version

    # This version or a newer one.
    [DscProperty()]
    [string] $MinimumVersion

    # Whether updates are managed through COM.
    [DscProperty()]
    [Nullable[bool]] $ComManagement

    # Whether a downloaded update waits: true downloads one, false applies the one that waits.
    [DscProperty()]
    [Nullable[bool]] $UpdateStaged

    # What applying does about running Office apps; Fail where it is not given.
    [DscProperty()]
    [ValidateSet('', 'Fail', 'Force')]
    [string] $OnBlockingApps

    [DscProperty(NotConfigurable)]
    [Nullable[bool]] $Installed

    [DscProperty(NotConfigurable)]
    [string] $InstalledVersion

    [DscProperty(NotConfigurable)]
    [string] $StagedVersion

    [DscProperty(NotConfigurable)]
    [string] $UpdateSourceRule

    [DscProperty(NotConfigurable)]
    [string[]] $ChannelPending

    [DscProperty(NotConfigurable)]
    [C2RReason[]] $Reasons

    [C2ROffice] Get() {
        $facts = Get-C2RInstallation
        $state = [C2ROffice]::new()
        $state.IsSingleInstance = 'Yes'
        $state.Installed = $facts.Installed
        $state.OnBlockingApps = $this.OnBlockingApps
        $state.MinimumVersion = $this.MinimumVersion
        if ($facts.Installed) {
            $decided = if ($facts.UpdateSource.Channel) { $facts.UpdateSource.Channel } else { $facts.Channel }
            # A perpetual channel is none that the property may have.
            if ($decided -notlike 'Perpetual*') { $state.Channel = $decided }
            $state.Version = $facts.Version
            $state.InstalledVersion = $facts.Version
            $state.ComManagement = $facts.ComManagement.Enabled
            $state.UpdateStaged = $null -ne $facts.StagedVersion
            $state.StagedVersion = $facts.StagedVersion
            $state.UpdateSourceRule = $facts.UpdateSource.Rule
            if ($facts.ChannelSwitch) { $state.ChannelPending = @($facts.ChannelSwitch.Pending | ForEach-Object -MemberName Reason) }
        }
        $state.Reasons = $this.Compare($state)
        return $state
    }

    [bool] Test() {
        return $this.Get().Reasons.Count -eq 0
    }

    [void] Set() {
        foreach ($reason in $this.Get().Reasons) {
            switch ($reason.Code) {
                'C2ROffice:C2ROffice:NotInstalled' { throw $reason.Phrase }
                'C2ROffice:C2ROffice:ComManagement' {
                    if ($this.ComManagement) { $null = Enable-C2RManagement -Confirm:$false }
                    else { $null = Disable-C2RManagement -Confirm:$false }
                }
                'C2ROffice:C2ROffice:Channel' { $null = Set-C2RChannel -Channel $this.Channel -Confirm:$false }
                'C2ROffice:C2ROffice:Version' { $this.Update(@{ UpdateToVersion = $this.Version }) }
                'C2ROffice:C2ROffice:MinimumVersion' { $this.Update(@{}) }
                'C2ROffice:C2ROffice:UpdateStaged' {
                    if ($this.UpdateStaged) { $null = Invoke-C2RDownload -Wait -Confirm:$false }
                    else { $null = Invoke-C2RApply -Wait -ForceAppShutdown:($this.OnBlockingApps -eq 'Force') -Confirm:$false }
                }
            }
        }
    }

    hidden [void] Update([hashtable] $Parameters) {
        $action = if ($this.OnBlockingApps) { $this.OnBlockingApps } else { 'Fail' }
        $null = Invoke-C2RUpdate @Parameters -OnBlockingApps $action -Confirm:$false
    }

    # What keeps the state from being the wanted one, in the order in which Set puts it right.
    hidden [C2RReason[]] Compare([C2ROffice] $State) {
        if ($this.Version -and $this.MinimumVersion) { throw 'Give either Version or MinimumVersion, not both.' }
        $found = [Collections.Generic.List[C2RReason]]::new()
        $add = {
            param($Name, $Phrase)
            $reason = [C2RReason]::new()
            $reason.Code = "C2ROffice:C2ROffice:$Name"
            $reason.Phrase = $Phrase
            $found.Add($reason)
        }
        if (-not $State.Installed) {
            & $add NotInstalled 'Microsoft 365 Apps (Click-to-Run) is not installed.'
            return $found.ToArray()
        }
        if ($null -ne $this.ComManagement -and $this.ComManagement -ne $State.ComManagement) {
            & $add ComManagement "The management of updates through COM is $($State.ComManagement) and should be $($this.ComManagement)."
        }
        if ($this.Channel -and $this.Channel -ne $State.Channel) {
            $known = if ($State.Channel) { $State.Channel } else { 'none that can be set' }
            & $add Channel "The update channel is $known and should be $($this.Channel)."
        }
        if ($this.Version -and $this.Version -ne $State.InstalledVersion) {
            & $add Version "Version $($State.InstalledVersion) is installed and should be $($this.Version)."
        } elseif ($this.MinimumVersion -and (-not $State.InstalledVersion -or [version] $State.InstalledVersion -lt [version] $this.MinimumVersion)) {
            & $add MinimumVersion "Version $($State.InstalledVersion) is installed and should be at least $($this.MinimumVersion)."
        } elseif ($null -ne $this.UpdateStaged -and $this.UpdateStaged -ne $State.UpdateStaged) {
            $phrase = if ($this.UpdateStaged) { 'No update is staged.' } else { "The update $($State.StagedVersion) waits to be applied." }
            & $add UpdateStaged $phrase
        }
        return $found.ToArray()
    }
}

# The age of the antivirus signatures of Microsoft Defender.
[DscResource()]
class DefenderSignature {
    [DscProperty(Key)]
    [ValidateSet('Yes')]
    [string] $IsSingleInstance

    # How old the signatures may be.
    [DscProperty()]
    [Nullable[int]] $MaxAgeHours

    # Where an update takes them from; the order that the machine is configured with where it is not given.
    [DscProperty()]
    [ValidateSet('', 'Default', 'Managed', 'Unmanaged', 'Http', 'Unc')]
    [string] $Source

    [DscProperty(NotConfigurable)]
    [string] $SignatureVersion

    [DscProperty(NotConfigurable)]
    [Nullable[datetime]] $UpdatedAt

    [DscProperty(NotConfigurable)]
    [Nullable[double]] $AgeHours

    [DscProperty(NotConfigurable)]
    [C2RReason[]] $Reasons

    [DefenderSignature] Get() {
        $status = Get-DefenderUpdateStatus
        $state = [DefenderSignature]::new()
        $state.IsSingleInstance = 'Yes'
        $state.MaxAgeHours = $this.MaxAgeHours
        $state.Source = $this.Source
        $found = [Collections.Generic.List[C2RReason]]::new()
        $reason = [C2RReason]::new()
        if ($null -eq $status.Versions) {
            $reason.Code = 'DefenderSignature:DefenderSignature:NotRunning'
            $reason.Phrase = 'The service of Microsoft Defender cannot be reached.'
            $found.Add($reason)
        } else {
            $signature = $status.Versions.AntivirusSignature
            $state.SignatureVersion = $signature.Version
            if ($null -ne $signature.UpdatedAt) {
                $state.UpdatedAt = $signature.UpdatedAt
                $state.AgeHours = [Math]::Max(0, [Math]::Round(([datetime]::UtcNow - $state.UpdatedAt).TotalHours, 1))
            }
            if ($null -ne $this.MaxAgeHours -and ($null -eq $state.AgeHours -or $state.AgeHours -gt $this.MaxAgeHours)) {
                $reason.Code = 'DefenderSignature:DefenderSignature:MaxAgeHours'
                $reason.Phrase = "The antivirus signatures are $($state.AgeHours) hours old and should be at most $($this.MaxAgeHours)."
                $found.Add($reason)
            }
        }
        $state.Reasons = $found.ToArray()
        return $state
    }

    [bool] Test() {
        return $this.Get().Reasons.Count -eq 0
    }

    [void] Set() {
        foreach ($reason in $this.Get().Reasons) {
            if ($reason.Code -eq 'DefenderSignature:DefenderSignature:NotRunning') { throw $reason.Phrase }
            $from = if ($this.Source) { $this.Source } else { 'Default' }
            $result = Invoke-DefenderUpdate -Source $from -PassThru -Confirm:$false
            # How a resource tells DSC that a restart is due.
            if ($result.RebootRequired) { $global:DSCMachineStatus = 1 }
        }
    }
}
