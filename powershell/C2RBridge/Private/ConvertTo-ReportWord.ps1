# What the page calls things that have a name of their own on the wire. People at a help desk know none of those.
$script:ReportWords = @{
    UPDATE_UNKNOWN         = 'no update has run'
    DOWNLOAD_PENDING       = 'waiting to download'
    DOWNLOAD_WIP           = 'downloading'
    DOWNLOAD_CANCELLING    = 'stopping the download'
    DOWNLOAD_CANCELLED     = 'download stopped'
    DOWNLOAD_FAILED        = 'download failed'
    DOWNLOAD_SUCCEEDED     = 'downloaded, not yet applied'
    APPLY_PENDING          = 'waiting to be applied'
    APPLY_WIP              = 'being applied'
    APPLY_SUCCEEDED        = 'applied'
    APPLY_FAILED           = 'applying failed'
    Current                = 'Current Channel'
    CurrentPreview         = 'Current Channel (Preview)'
    MonthlyEnterprise      = 'Monthly Enterprise Channel'
    SemiAnnual             = 'Semi-Annual Enterprise Channel'
    SemiAnnualPreview      = 'Semi-Annual Enterprise Channel (Preview)'
    BetaChannel            = 'Beta Channel'
    normal                 = 'active'
    passive                = 'passive: another antivirus product is active'
    edrBlock               = 'passive, with EDR in block mode'
    sideBySidePassive      = 'passive, beside another antivirus product'
    disabled               = 'turned off'
    notRunning             = 'not running'
    AntivirusSignature     = 'Antivirus signatures'
    AntispywareSignature   = 'Antispyware signatures'
    NisSignature           = 'Network inspection signatures'
    NisEngine              = 'Network inspection engine'
    Engine                 = 'Antivirus engine'
    Product                = 'Defender platform'
    Service                = 'Defender service'
    cloudUpdatePath        = 'a cloud policy'
    cloudUpdateBranch      = 'a cloud policy'
    policyUpdatePath       = 'group policy or Intune'
    policyUpdateBranch     = 'group policy or Intune'
    cloudUpdate            = 'Cloud Update'
    adminCenter            = 'the Microsoft 365 Apps admin center'
    policy                 = 'group policy or Intune'
    configurationManager   = 'Configuration Manager, or a tool like it'
    none                   = 'nothing: Office updates itself'
    updateUrl              = 'the configuration of Office'
    unmanagedUpdateUrl     = 'the configuration of Office'
    cdnBaseUrl             = 'the installation of Office'
    DUE_AV_SIGNATURE       = 'antivirus signatures are due'
    DUE_AS_SIGNATURE       = 'antispyware signatures are due'
    'office.comRegistered' = 'Office update component'
    'office.comServer'     = 'Office update component, server'
    'office.comPlus'       = 'Office update component, COM+'
    'office.comPlusApplication' = 'Office update component, COM+ application'
    'office.typeLibrary'   = 'Office update component, type library'
    'office.clickToRun'    = 'Click-to-Run installation'
    'office.management'    = 'Managed updates'
    'office.updateOwner'   = 'Other manager of Office updates'
    'bridge.koffi'         = 'Access to Windows functions'
    'bridge.backend'       = 'Real or simulated Windows'
    'bridge.elevation'     = 'Administrator rights'
    'bits.server'          = 'Content sources'
    'defender.client'      = 'Defender client'
    'defender.mode'        = 'Defender mode'
}

function ConvertTo-ReportWord {
    # Gives the words for a name of the wire; for a name without an entry, its own words: office.updatesEnabled is "Office:
    # updates enabled".
    param([string] $Name)

    if (-not $Name) { return '' }
    if ($script:ReportWords.ContainsKey($Name)) { return $script:ReportWords[$Name] }
    $area, $rest = $Name.Split('.', 2)
    if (-not $rest) { return $Name }
    $words = ($rest -creplace '(?<=[a-z])(?=[A-Z])', ' ').ToLowerInvariant()
    return $area.Substring(0, 1).ToUpperInvariant() + $area.Substring(1) + ': ' + $words
}
