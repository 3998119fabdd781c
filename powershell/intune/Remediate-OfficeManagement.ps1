# Turns management through COM off where its manager is gone, so that Office updates by itself again. It takes the policy value
# 0 for that: without a value, an object that is registered stays so. Restarts the service of Click-to-Run where nothing runs.
# Exit code 0: off, or there is a manager. 1: failed, with the reason. Run as SYSTEM, in a 32-bit or 64-bit host.

param(
    # ---- Settings: the same in Detect-OfficeManagement.ps1 and Remediate-OfficeManagement.ps1 ----------------------------

    # Services that show that somebody manages Office updates through COM: CcmExec is the client of Configuration Manager.
    [string[]] $ManagerService = @('CcmExec'),

    # How many days after its last run Remediate-OfficeUpdate.ps1 counts as such a manager.
    [double] $RemediationDays = 14,

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

function Get-Manager {
    # Who manages Office updates through COM; nothing where nobody does.
    if (Get-Command -Name Get-Service -ErrorAction Ignore) {
        foreach ($service in Get-Service -Name $ManagerService -ErrorAction Ignore) { return "the service $($service.Name)" }
    }
    $path = Get-StatePath -Name OfficeUpdate
    if ([IO.File]::Exists($path) -and ([datetime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($path)).TotalDays -le $RemediationDays) {
        return 'Remediate-OfficeUpdate.ps1'
    }
}

try {
    Import-Bridge
    $facts = Get-C2RInstallation
    if (-not $facts.Installed -or -not $facts.ComManagement.Enabled) { Exit-Script 0 'Management through COM is off.' }
    $manager = Get-Manager
    if ($manager) { Exit-Script 0 "Management through COM stays on for $manager." }
    $busy = try { (Get-C2RStatus).Busy } catch { $false }
    $change = Disable-C2RManagement -Confirm:$false
    $text = 'management through COM turned off'
    if ($change.RestartRequired) {
        $service = if (Get-Command -Name Get-Service -ErrorAction Ignore) { Get-Service -Name ClickToRunSvc -ErrorAction Ignore }
        if ($service -and -not $busy) {
            Restart-Service -InputObject $service -Force
            $text += ', service restarted'
        } else {
            $text += ', in force with the next restart of ClickToRunSvc'
        }
    }
    Write-State -Name OfficeManagement -Text $text
    Exit-Script 0 "Office: $text."
} catch {
    $reason = Format-Failure $_
    try { Write-State -Name OfficeManagement -Text $reason } catch { $reason += " And no note could be kept: $_" }
    Exit-Script 1 "Office: $reason"
}
