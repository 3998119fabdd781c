# What the contract calls a thing, and what it is called here.
$script:CmdletNames = @{
    'bridge/doctor'       = 'Test-C2RHealth'
    'bridge/ping'         = 'Get-C2RBridge'
    'c2r/installation'    = 'Get-C2RInstallation'
    'c2r/status'          = 'Get-C2RStatus'
    'c2r/download'        = 'Invoke-C2RDownload'
    'c2r/apply'           = 'Invoke-C2RApply'
    'c2r/cancel'          = 'Stop-C2RDownload'
    'c2r/wait'            = 'Wait-C2RUpdate'
    'c2r/update'          = 'Invoke-C2RUpdate'
    'c2r/blockingApps'    = 'Get-C2RBlockingApp'
    'c2r/deploymentData'  = 'Get-C2RDeploymentData'
    'c2r/setManagement'   = 'Enable-C2RManagement'
    'c2r/setChannel'      = 'Set-C2RChannel'
    'c2r/setTargetVersion' = 'Set-C2RTargetVersion'
    'c2r/detect'          = 'Start-C2RUpdateDetection'
    'defender/status'     = 'Get-DefenderUpdateStatus'
    'desired/test'        = 'Invoke-C2RRemediation'
    'desired/set'         = 'Invoke-C2RRemediation -Remediate'
    'defender/update'     = 'Invoke-DefenderUpdate'
    'content/channels'    = 'Get-C2RChannel'
    'content/skus'        = 'Get-C2RSku'
    'content/fileList'    = 'Get-C2RFileList'
    'content/servicePath' = 'ConvertFrom-C2RMoreInfoUrl'
    'content/stage'       = 'Save-C2RContent'
    'content/verify'      = 'Test-C2RContent'
    'content/prune'       = 'Remove-C2RContent'
    'bits/register'       = 'Register-C2RContentSource'
    'bits/unregister'     = 'Unregister-C2RContentSource'
    'bits/list'           = 'Get-C2RContentSource'
    'c2r/*'               = 'Invoke-C2RUpdate'
    'defender/*'          = 'Invoke-DefenderUpdate'
    'content/*'           = 'Save-C2RContent'
    'bits/*'              = 'Register-C2RContentSource'
    'rpc.discover'        = 'Invoke-C2RBridgeMethod rpc.discover'
    '--log-level debug'   = 'Connect-C2RBridge -LogLevel Debug'
    'onBlockingApps'      = '-OnBlockingApps'
    'clearLeftover'       = '-ClearLeftover'
    'updateToVersion'     = '-UpdateToVersion'
}

function ConvertTo-CmdletAdvice {
    # Gives a recommendation of the bridge, which speaks of its methods, in the words of this module.
    param([string] $Text)

    $names = @($script:CmdletNames.Keys | ForEach-Object -Process { [regex]::Escape($_) }) -join '|'
    $pattern = [regex] "(?<![\w/-])(?:$names)(?![\w/])"
    return $pattern.Replace($Text, { param($found) $script:CmdletNames[$found.Value] })
}
