# Class-based DSC resources. They are a module of their own, so that C2RBridge itself loads without compiling classes and
# can still say in ConstrainedLanguage mode why it does not work there. What is compared and done is the bridge's business
# (desired/test and desired/set), as it is for DSC v3 and for the scripts for Intune.
#
# What is not given is not managed: strings that are null or empty, and null where a number or a truth value is expected.

class C2RReason {
    [DscProperty()]
    [string] $Code

    [DscProperty()]
    [string] $Phrase
}

function Get-StateMember([object] $State, [string] $Name) {
    # A member that a state may lack.
    $property = if ($null -ne $State) { $State.PSObject.Properties[$Name] }
    if ($property) { return $property.Value }
}

function Get-Reason([string] $Resource, [object] $Found) {
    # The reasons of the bridge in the form that DSC reports.
    foreach ($reason in $Found.reasons) {
        $made = [C2RReason]::new()
        $made.Code = "${Resource}:${Resource}:$($reason.code)"
        $made.Phrase = & (Get-Module -Name C2RBridge) { param($text) ConvertTo-CmdletAdvice -Text $text } $reason.phrase
        $made
    }
}

function Set-Wanted {
    # Brings about what is wanted; an error where that fails, with what was done all the same. That there is nothing newer
    # to download is a warning.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'How a resource tells DSC that a restart is due.')]
    param([Collections.IDictionary] $Wanted)

    $brought = Invoke-C2RBridgeMethod -Method desired/set -Params $Wanted
    if (@($brought.restartRequired | Where-Object -FilterScript { $_.PSObject.Properties['system'] })) { $global:DSCMachineStatus = 1 }
    if (@($brought.restartRequired | Where-Object -FilterScript { $_.PSObject.Properties['service'] })) {
        # DSC knows restarts of the computer alone. What is left then comes with the next run.
        $busy = try { [bool] (Get-C2RStatus).Busy } catch { $false }
        Write-Verbose -Message (& (Get-Module -Name C2RBridge) { param($isBusy) Restart-ClickToRun -Busy $isBusy } $busy)
    }
    if (-not $brought.inDesiredState -and @($brought.restartRequired).Count -eq 0) {
        $reasons = & (Get-Module -Name C2RBridge) { param($found) Get-ReasonText -Found $found } $brought
        $left = "$reasons Done: $(@($brought.done) -join ', ')."
        if (-not $brought.nothingNewer) { throw $left }
        Write-Warning -Message $left
    }
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

    # Whether a downloaded update waits: true downloads one, where there is a newer version; false applies the one that waits.
    [DscProperty()]
    [Nullable[bool]] $UpdateStaged

    # How many days a downloaded update may wait to be applied.
    [DscProperty()]
    [Nullable[double]] $MaxStagedDays

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
        $found = Invoke-C2RBridgeMethod -Method desired/test -Params $this.Wanted()
        $state = [C2ROffice]::FromState($found.office)
        $state.MinimumVersion = $this.MinimumVersion
        $state.MaxStagedDays = $this.MaxStagedDays
        $state.OnBlockingApps = $this.OnBlockingApps
        $state.Reasons = @(Get-Reason -Resource C2ROffice -Found $found)
        return $state
    }

    [bool] Test() {
        return (Invoke-C2RBridgeMethod -Method desired/test -Params $this.Wanted()).inDesiredState
    }

    [void] Set() {
        Set-Wanted -Wanted $this.Wanted()
    }

    # What there is on this device: one instance, or none without Office.
    static [C2ROffice[]] Export() {
        $found = Invoke-C2RBridgeMethod -Method desired/test -Params @{ office = @{} }
        if (-not (Get-StateMember -State $found.office -Name installed)) { return @() }
        return @([C2ROffice]::FromState($found.office))
    }

    hidden [hashtable] Wanted() {
        $office = @{}
        if ($this.Channel) { $office.channel = @([C2ROffice]::Channels() -eq $this.Channel)[0] }
        if ($this.Version) { $office.version = $this.Version }
        if ($this.MinimumVersion) { $office.minimumVersion = $this.MinimumVersion }
        if ($null -ne $this.ComManagement) { $office.comManagement = [bool] $this.ComManagement }
        if ($null -ne $this.UpdateStaged) { $office.updateStaged = [bool] $this.UpdateStaged }
        if ($null -ne $this.MaxStagedDays) { $office.maxStagedDays = [double] $this.MaxStagedDays }
        if ($this.OnBlockingApps) { $office.onBlockingApps = $this.OnBlockingApps.ToLowerInvariant() }
        return @{ office = $office }
    }

    # As the bridge spells them.
    hidden static [string[]] Channels() {
        return [C2ROffice].GetProperty('Channel').GetCustomAttributes([ValidateSet], $false)[0].ValidValues
    }

    hidden static [C2ROffice] FromState([object] $Office) {
        $state = [C2ROffice]::new()
        $state.IsSingleInstance = 'Yes'
        $state.Installed = Get-StateMember -State $Office -Name installed
        $current = Get-StateMember -State $Office -Name channel
        # A perpetual channel is not one that the property may have.
        if ($current -notlike 'Perpetual*') { $state.Channel = $current }
        $state.Version = Get-StateMember -State $Office -Name version
        $state.InstalledVersion = $state.Version
        $state.ComManagement = Get-StateMember -State $Office -Name comManagement
        $state.UpdateStaged = Get-StateMember -State $Office -Name updateStaged
        $state.StagedVersion = Get-StateMember -State $Office -Name stagedVersion
        $state.UpdateSourceRule = Get-StateMember -State $Office -Name updateSourceRule
        $state.ChannelPending = @(Get-StateMember -State $Office -Name channelPending)
        return $state
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

    # current, tooOld, never (updated) or clockAhead (updated ahead of the clock of this device).
    [DscProperty(NotConfigurable)]
    [string] $AgeState

    [DscProperty(NotConfigurable)]
    [C2RReason[]] $Reasons

    [DefenderSignature] Get() {
        $found = Invoke-C2RBridgeMethod -Method desired/test -Params $this.Wanted()
        $state = [DefenderSignature]::FromState($found.defenderSignature)
        $state.MaxAgeHours = $this.MaxAgeHours
        $state.Source = $this.Source
        $state.Reasons = @(Get-Reason -Resource DefenderSignature -Found $found)
        return $state
    }

    [bool] Test() {
        return (Invoke-C2RBridgeMethod -Method desired/test -Params $this.Wanted()).inDesiredState
    }

    [void] Set() {
        Set-Wanted -Wanted $this.Wanted()
    }

    # What there is on this device: one instance, or none without Defender.
    static [DefenderSignature[]] Export() {
        $found = Invoke-C2RBridgeMethod -Method desired/test -Params @{ defenderSignature = @{} }
        if ($null -eq $found.defenderSignature) { return @() }
        return @([DefenderSignature]::FromState($found.defenderSignature))
    }

    hidden [hashtable] Wanted() {
        $signature = @{}
        if ($null -ne $this.MaxAgeHours) { $signature.maxAgeHours = [int] $this.MaxAgeHours }
        if ($this.Source) { $signature.source = $this.Source.ToLowerInvariant() }
        return @{ defenderSignature = $signature }
    }

    hidden static [DefenderSignature] FromState([object] $Signature) {
        $state = [DefenderSignature]::new()
        $state.IsSingleInstance = 'Yes'
        $state.SignatureVersion = Get-StateMember -State $Signature -Name signatureVersion
        $time = Get-StateMember -State $Signature -Name updatedAt
        if ($time) { $state.UpdatedAt = [datetimeoffset]::Parse($time, [cultureinfo]::InvariantCulture, 'AssumeUniversal').UtcDateTime }
        $state.AgeHours = Get-StateMember -State $Signature -Name ageHours
        $state.AgeState = Get-StateMember -State $Signature -Name ageState
        return $state
    }
}
