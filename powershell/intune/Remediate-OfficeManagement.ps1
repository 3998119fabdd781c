# Turns management through COM off where its manager is gone, so that Office updates by itself again. It takes the policy value
# 0 for that: without a value, an object that is registered stays so. Restarts the service of Click-to-Run where nothing runs.
# Exit code 0: off, or there is a manager. 1: failed, with the reason. Run as SYSTEM, in a 32-bit or 64-bit host.

param(
    # ---- Settings: the same in Detect-OfficeManagement.ps1 and Remediate-OfficeManagement.ps1 ----------------------------

    # Services that show that somebody manages Office updates through COM: CcmExec is the client of Configuration Manager.
    [string[]] $ManagerService = @('CcmExec'),

    # How many days after its last run the pair OfficeUpdate counts as such a manager, once it has put something right.
    [double] $RemediationDays = 14,

    # Where the module lies, if not with the modules for all users.
    [string] $ModulePath = '',

    # Where notes for the next run are kept, if not below ProgramData.
    [string] $StateFolder = ''
)

$settings = @{
    Name            = 'OfficeManagement'
    Remediate       = $true
    ManagerService  = $ManagerService
    RemediationDays = $RemediationDays
    StateFolder     = $StateFolder
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
