function Get-C2RBlockingApp {
    <#
    .SYNOPSIS
        Lists the running Office apps that keep an update from being applied.
    .DESCRIPTION
        Asks Click-to-Run which apps have to be closed before an update can be
        applied. Gives nothing where none blocks. Needs an Office that has
        IUpdateNotify2; on an older one the error is NotAvailable.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
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
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.BlockingApp')]
    param(
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    $result = Invoke-BridgeRequest -Method 'c2r/blockingApps'
    foreach ($app in $result.apps) {
        [pscustomobject] @{ PSTypeName = 'C2RBridge.BlockingApp'; Name = $app; Backend = $result.backend }
    }
}
