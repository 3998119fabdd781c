@{
    RootModule           = 'C2RBridge.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '0d0c4f55-0f62-4a86-9d4b-6b1f6d6f6a3e'
    Author               = 'The c2r-bridge authors'
    Copyright            = '(c) The c2r-bridge authors. MIT licence.'
    Description          = 'Updates Microsoft 365 Apps (Click-to-Run) and Defender signatures with real status, progress, errors and results.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    FormatsToProcess     = @('C2RBridge.format.ps1xml')
    TypesToProcess       = @('C2RBridge.types.ps1xml')
    FunctionsToExport    = @(
        'Connect-C2RBridge'
        'ConvertFrom-C2RMoreInfoUrl'
        'Disable-C2RManagement'
        'Disconnect-C2RBridge'
        'Enable-C2RManagement'
        'Get-C2RBlockingApp'
        'Get-C2RBridge'
        'Get-C2RChannel'
        'Get-C2RContentSource'
        'Get-C2RDeploymentData'
        'Get-C2RFileList'
        'Get-C2RInstallation'
        'Get-C2RReport'
        'Get-C2RSku'
        'Get-C2RStatus'
        'Get-DefenderUpdateStatus'
        'Invoke-C2RApply'
        'Invoke-C2RBridgeMethod'
        'Invoke-C2RDownload'
        'Invoke-C2RRemediation'
        'Invoke-C2RUpdate'
        'Invoke-DefenderUpdate'
        'Register-C2RContentSource'
        'Remove-C2RContent'
        'Reset-C2RManagement'
        'Save-C2RContent'
        'Set-C2RChannel'
        'Set-C2RTargetVersion'
        'Start-C2RUpdateDetection'
        'Stop-C2RDownload'
        'Test-C2RContent'
        'Test-C2RHealth'
        'Unregister-C2RContentSource'
        'Wait-C2RUpdate'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('Office', 'Microsoft365Apps', 'ClickToRun', 'Defender', 'Updates', 'Intune')
            ReleaseNotes = @'
0.1.0
  First version: Office updates end to end (download, apply, update, cancel, wait), installation facts, blocking apps,
  deployment data, COM management and channels, Defender signature updates, staging, verification and serving of Office
  content, reports and health checks, here or on other computers.
'@
        }
    }
}
