# Moves Microsoft 365 Apps to the wanted version and channel. Does one step and leaves: a download that it starts continues in
# Windows, the next run applies what was downloaded, and the detection after that finds Office as wanted. With -Wait it does
# all of it at once, within the hour that Intune gives.
# Exit code 0: done, or under way. 1: failed, with the reason. Run as SYSTEM, in a 32-bit or 64-bit host.

param(
    # ---- Settings: the same in Detect-OfficeUpdate.ps1 and Remediate-OfficeUpdate.ps1 ------------------------------------

    # The oldest version that is good enough, for example 16.0.19929.20172; empty: any.
    [string] $MinimumVersion = '',

    # The update channel that devices should be on, for example MonthlyEnterprise; empty: any.
    [string] $Channel = '',

    # How many days a downloaded update may wait to be applied.
    [double] $MaxStagedDays = 3,

    # What to do about running Office apps: Fail with their names, or Force them to close (people lose unsaved work).
    [ValidateSet('Fail', 'Force')]
    [string] $OnBlockingApps = 'Fail',

    # Waits for the end instead of leaving the work to Windows.
    [switch] $Wait,

    # Where the module lies, if not with the modules for all users.
    [string] $ModulePath = '',

    # Where notes for the next run are kept, if not below ProgramData.
    [string] $StateFolder = ''
)

#region The same in every script of this folder
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# Intune keeps the last line only; whatever else is written would take its place or count as an error.
$WarningPreference = $VerbosePreference = $InformationPreference = $DebugPreference = $ProgressPreference = 'SilentlyContinue'

function Import-Bridge {
    # The folder for all users of the 64-bit Windows PowerShell, which a 32-bit host does not search by itself.
    $programFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    $folder = if ($ModulePath) { $ModulePath } else { "$programFiles\WindowsPowerShell\Modules\C2RBridge" }
    $manifest = Get-ChildItem -LiteralPath $folder -Filter C2RBridge.psd1 -Recurse -Depth 1 -ErrorAction Ignore |
        Sort-Object -Property { [version] ($_.Directory.Name -as [version]) } -Descending | Select-Object -First 1
    if ($null -eq $manifest) { throw "The module C2RBridge is not in $folder; install it first." }
    Import-Module -Name ([Management.Automation.WildcardPattern]::Escape($manifest.FullName))
}

function Get-StatePath([string] $Name) {
    # A folder that only administrators and SYSTEM can write to: everybody may make folders in ProgramData.
    $folder = if ($StateFolder) { $StateFolder } else { [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), 'C2RBridge') }
    $directory = [IO.Directory]::CreateDirectory($folder)
    if ($directory.Attributes -band [IO.FileAttributes]::ReparsePoint) { throw "$folder is a link; remove it." }
    if ([Environment]::OSVersion.Platform -eq [PlatformID]::Win32NT -and -not $StateFolder) {
        # Somebody else's folder may hold links by which we would overwrite what they lead to.
        $owner = (Get-Acl -LiteralPath $folder).GetOwner([Security.Principal.SecurityIdentifier]).Value
        if ('S-1-5-18', 'S-1-5-32-544' -notcontains $owner) { throw "$folder belongs to $owner; remove it." }
        $acl = New-Object -TypeName Security.AccessControl.DirectorySecurity
        # Owner and DACL: Administrators and SYSTEM have full control, nothing is inherited.
        $acl.SetSecurityDescriptorSddlForm('O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
        Set-Acl -LiteralPath $folder -AclObject $acl
    }
    return [IO.Path]::Combine($folder, "$Name.json")
}

function Read-State([string] $Name) {
    # What the last remediation noted; null where there is none, or nothing that can be read.
    $path = Get-StatePath -Name $Name
    try { return ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path)) } catch { return $null }
}

function Write-State([string] $Name, [string] $Text) {
    # Some cultures have another calendar.
    $state = @{ time = [datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture); text = $Text }
    [IO.File]::WriteAllText((Get-StatePath -Name $Name), (ConvertTo-Json -InputObject $state -Depth 3 -Compress))
}

function Format-Failure($Record) {
    $action = if ($Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    return ("$Record $action").Trim()
}

function Exit-Script([int] $Code, [string] $Text) {
    # One line of ASCII, whose last 2,048 characters are all that is kept.
    $line = ($Text -replace '[^\x20-\x7e]+', ' ').Trim()
    if ($line.Length -gt 2048) { $line = $line.Substring(0, 2045) + '...' }
    Write-Output -InputObject $line
    exit $Code
}
#endregion

function Get-Finding($Facts) {
    # What is not as it should be, by name, in the words of the report.
    $found = [ordered]@{}
    # Where CDNBaseUrl and UpdateChannel differ and no policy decides, Office follows UpdateChannel.
    $differ = @($Facts.Conflicts | ForEach-Object -Process { $_.Kind }) -contains 'channelMismatch'
    $decided = if ($Facts.UpdateSource.Channel -and -not $differ) { $Facts.UpdateSource.Channel } else { $Facts.Channel }
    if ($Channel -and $decided -ne $Channel) { $found.Channel = "channel is $decided, wanted $Channel" }
    if ($MinimumVersion -and (-not $Facts.Version -or [version] $Facts.Version -lt [version] $MinimumVersion)) {
        $found.Version = "version is $($Facts.Version), wanted $MinimumVersion"
    }
    if ($Facts.StagedVersion) {
        $since = $Facts.LastUpdate.DownloadedAt
        $days = if ($null -eq $since) { [double]::PositiveInfinity } else { ([datetime]::UtcNow - $since).TotalDays }
        $day = if ($null -eq $since) { 'an unknown day' } else { $since.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
        if ($days -ge $MaxStagedDays) { $found.Staged = "$($Facts.StagedVersion) has waited to be applied since $day" }
    }
    return $found
}

$started = [Diagnostics.Stopwatch]::StartNew()

function Get-TimeLeft {
    # Seconds until the hour that Intune gives is nearly over.
    return [Math]::Max(30, 3300 - [int] $started.Elapsed.TotalSeconds)
}

function Repair-Office($Facts, $Found) {
    # Does the next step; gives what it did.
    if ($Found.Contains('Channel')) {
        $null = Set-C2RChannel -Channel $Channel -Confirm:$false
        "channel set to $Channel"
    }
    if (-not $Found.Contains('Version') -and -not $Found.Contains('Staged')) { return }

    $status = Get-C2RStatus
    if ($status.Busy -and -not $Wait) { return "$($status.Status) continues" }
    if ($Wait) {
        if ($status.Busy) { $null = Wait-C2RUpdate -TimeoutSec (Get-TimeLeft) }
        if ((Get-C2RInstallation).StagedVersion) {
            $applied = Invoke-C2RApply -Wait -ForceAppShutdown:($OnBlockingApps -eq 'Force') -TimeoutSec (Get-TimeLeft) -Confirm:$false
            "applied $($applied.VersionAfter)"
        }
        $version = (Get-C2RInstallation).Version
        if ($MinimumVersion -and [version] $version -lt [version] $MinimumVersion) {
            $updated = Invoke-C2RUpdate -OnBlockingApps $OnBlockingApps -TimeoutSec (Get-TimeLeft) -Confirm:$false
            if (-not $updated.Changed) { throw "There is no update: $version is what the update source has, wanted is $MinimumVersion." }
            "updated to $($updated.VersionAfter)"
        }
    } elseif ($Facts.StagedVersion) {
        $null = Invoke-C2RApply -ForceAppShutdown:($OnBlockingApps -eq 'Force') -Confirm:$false
        "applying $($Facts.StagedVersion)"
    } else {
        $null = Invoke-C2RDownload -Confirm:$false
        'download started'
    }
}

try {
    Import-Bridge
    $facts = Get-C2RInstallation
    if (-not $facts.Installed) { Exit-Script 0 'Click-to-Run is not installed; there is nothing to update.' }
    $found = Get-Finding -Facts $facts
    if ($found.Count -eq 0) { Exit-Script 0 "Office $($facts.Version) is as wanted." }
    $done = @(Repair-Office -Facts $facts -Found $found) -join '; '
    if (-not $done) { $done = 'nothing was left to do' }
    Write-State -Name OfficeUpdate -Text $done
    Exit-Script 0 "Office: $done."
} catch {
    $reason = Format-Failure $_
    try { Write-State -Name OfficeUpdate -Text $reason } catch { $reason += " And no note could be kept: $_" }
    Exit-Script 1 "Office: $reason"
}
