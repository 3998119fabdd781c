function Get-C2RBlockingApp {
    <#
    .SYNOPSIS
        Lists the running Office apps that keep an update from being applied.
    .DESCRIPTION
        Asks Click-to-Run which apps have to be closed before an update can be
        applied. Gives nothing where none blocks. Needs an Office that has
        IUpdateNotify2; on an older one the error is NotAvailable.
    .EXAMPLE
        Get-C2RBlockingApp

        Lists the apps.
    .EXAMPLE
        if (-not (Get-C2RBlockingApp)) { Invoke-C2RApply -Wait -Confirm:$false }

        Applies an update only where nobody is disturbed.
    .OUTPUTS
        C2RBridge.BlockingApp
    .LINK
        Invoke-C2RApply
    #>
    [CmdletBinding()]
    [OutputType('C2RBridge.BlockingApp')]
    param()

    $result = Invoke-BridgeRequest -Method 'c2r/blockingApps'
    foreach ($app in $result.apps) {
        [pscustomobject] @{ PSTypeName = 'C2RBridge.BlockingApp'; Name = $app; Backend = $result.backend }
    }
}
