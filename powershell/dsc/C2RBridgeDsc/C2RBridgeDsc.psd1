@{
    RootModule           = 'C2RBridgeDsc.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '5b1a9a3c-0a52-4b0e-8a55-9d2f7d1b4c60'
    Author               = 'The c2r-bridge authors'
    Copyright            = '(c) The c2r-bridge authors. MIT licence.'
    Description          = 'DSC resources for Microsoft 365 Apps and for the signatures of Microsoft Defender, on top of C2RBridge.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    RequiredModules      = @(@{ ModuleName = 'C2RBridge'; ModuleVersion = '0.1.0' })
    DscResourcesToExport = @('C2ROffice', 'DefenderSignature')
    FunctionsToExport    = @()
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('DSC', 'DSCResource', 'Office', 'Defender')
        }
    }
}
