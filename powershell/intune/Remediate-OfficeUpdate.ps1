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

$settings = @{
    Name           = 'OfficeUpdate'
    Remediate      = $true
    MinimumVersion = $MinimumVersion
    Channel        = $Channel
    MaxStagedDays  = $MaxStagedDays
    OnBlockingApps = $OnBlockingApps
    Wait           = $Wait
    StateFolder    = $StateFolder
}

$ErrorActionPreference = 'Stop'
# Intune keeps the last line only, and takes what goes to stderr for an error.
$WarningPreference = $VerbosePreference = $InformationPreference = $DebugPreference = $ProgressPreference = 'SilentlyContinue'
try {
    # The folder for all users of the 64-bit Windows PowerShell, which a 32-bit host does not search by itself.
    $programFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    $folder = if ($ModulePath) { $ModulePath } else { "$programFiles\WindowsPowerShell\Modules\C2RBridge" }
    $manifest = Get-ChildItem -LiteralPath $folder -Filter C2RBridge.psd1 -Recurse -Depth 1 -ErrorAction Ignore |
        Sort-Object -Property { [version] ($_.Directory.Name -as [version]) } -Descending | Select-Object -First 1
    if ($null -eq $manifest) { throw "The module C2RBridge is not in $folder; install it first." }
    Import-Module -Name ([Management.Automation.WildcardPattern]::Escape($manifest.FullName))
    $result = Invoke-C2RRemediation @settings
} catch {
    $text = "Not known: $_" -replace '[^\x20-\x7e]+', ' ' -replace '^(.{2045}).{4,}$', '$1...'
    $result = @{ Text = $text; Compliance = 'Unknown'; ExitCode = 1 }
}
Write-Output -InputObject $result.Text
exit $result.ExitCode
