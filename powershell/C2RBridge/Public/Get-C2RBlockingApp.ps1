function Get-C2RBlockingApp {
    <#
    .SYNOPSIS
        Lists the running Office apps that block an update.
    .DESCRIPTION
        Asks Click-to-Run which apps must be closed before an update can be
        applied. Returns nothing if no app blocks the update. Requires an Office
        version that has IUpdateNotify2; an older one gives the error
        NotAvailable.
    .PARAMETER ComputerName
        Runs the command on other computers, through PowerShell remoting. The
        module must be installed there. Results carry PSComputerName. An error
        names its computer and does not end the command: the other computers
        still answer. Use -ErrorAction Stop to end it at the first error.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1. Errors are those of -ComputerName.
    .PARAMETER ThrottleLimit
        How many computers are asked at the same time; 32 when absent.
    .EXAMPLE
        Get-C2RBlockingApp

        Lists the apps.
    .EXAMPLE
        if (-not (Get-C2RBlockingApp)) { Invoke-C2RApply -Wait -Confirm:$false }

        Applies an update only if no Office app is running.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    $result = Invoke-BridgeRequest -Method 'c2r/blockingApps' -Needs apps, backend
    foreach ($app in $result.apps) {
        New-TypedObject -TypeName C2RBridge.BlockingApp -Members ([ordered] @{ Name = $app; Backend = $result.backend })
    }
}
