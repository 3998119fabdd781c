# Updates the antivirus signatures of Microsoft Defender. An update takes a minute or two and ends with the one who asked for
# it, so that this script waits for it: up to five minutes, with -Wait up to fifty-five.
# Exit code 0: updated, or current already. 1: failed, with the reason. Run as SYSTEM, in a 32-bit or 64-bit host.

param(
    # ---- Settings: the same in Detect-DefenderSignature.ps1 and Remediate-DefenderSignature.ps1 --------------------------

    # How old the antivirus signatures may be.
    [int] $MaxAgeHours = 24,

    # Whether a device whose protection another antivirus owns is compliant.
    [bool] $ExemptThirdPartyAntivirus = $true,

    # Where the signatures come from, one after another; Default is the order that the device is configured with.
    [ValidateSet('Default', 'Managed', 'Unmanaged', 'Http', 'Unc')]
    [string[]] $Source = 'Default',

    # How often a source that failed is tried again.
    [int] $RetryCount = 0,

    # Waits for the end instead of leaving the work to Windows.
    [switch] $Wait,

    # Where the module lies, if not with the modules for all users.
    [string] $ModulePath = '',

    # Where notes for the next run are kept, if not below ProgramData.
    [string] $StateFolder = ''
)

$settings = @{
    Name                      = 'DefenderSignature'
    Remediate                 = $true
    MaxAgeHours               = $MaxAgeHours
    ExemptThirdPartyAntivirus = $ExemptThirdPartyAntivirus
    Source                    = $Source
    RetryCount                = $RetryCount
    Wait                      = $Wait
    StateFolder               = $StateFolder
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
