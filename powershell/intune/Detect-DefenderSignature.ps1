# Detects antivirus signatures of Microsoft Defender that are too old.
# Exit code 0: fresh enough. 1: too old, or it could not be found out. Run as SYSTEM, in a 32-bit or 64-bit host.

param(
    # ---- Settings: the same in Detect-DefenderSignature.ps1 and Remediate-DefenderSignature.ps1 --------------------------

    # How old the antivirus signatures may be.
    [double] $MaxAgeHours = 24,

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

function Get-Age {
    # Hours since the antivirus signatures were updated.
    $status = Get-DefenderUpdateStatus
    if ($null -eq $status.Versions) { throw 'The service of Microsoft Defender cannot be reached; start WinDefend.' }
    $updatedAt = $status.Versions.AntivirusSignature.UpdatedAt
    if ($null -eq $updatedAt) { return [double]::PositiveInfinity }
    return [Math]::Round(([datetime]::UtcNow - $updatedAt).TotalHours, 1)
}

try {
    Import-Bridge
    $age = Get-Age
    if ($age -le $MaxAgeHours) { Exit-Script 0 "The signatures are $age hours old." }
    $last = Read-State -Name DefenderSignature
    $note = if ($last) { " Last remediation $($last.time): $($last.text)" }
    Exit-Script 1 "The signatures are $age hours old, allowed are $MaxAgeHours.$note"
} catch {
    Exit-Script 1 "Not known: $(Format-Failure $_)"
}
