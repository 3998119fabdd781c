function Invoke-C2RBridgeMethod {
    <#
    .SYNOPSIS
        Calls a method of the bridge by its name on the wire.
    .DESCRIPTION
        For what has no cmdlet of its own, and for looking at the raw results.
        Names and values are those of the JSON-RPC contract;
        Invoke-C2RBridgeMethod rpc.discover gives the whole contract as an
        OpenRPC document.
    .PARAMETER Method
        The name of the method, for example c2r/status.
    .PARAMETER Params
        The params of the method, with the names of the contract.
    .PARAMETER TimeoutSec
        Cancels the call after this many seconds.
    .PARAMETER Activity
        Shows the progress of the method under this title; only for methods that
        report progress.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Invoke-C2RBridgeMethod bridge/ping

        Shows that the bridge answers.
    .EXAMPLE
        Invoke-C2RBridgeMethod c2r/deploymentData @{ dataType = 1; name = 'x' }

        Calls a method with params.
    .OUTPUTS
        The result as the bridge sent it.
    .LINK
        Get-C2RBridge
    #>
    [CmdletBinding()]
    [OutputType([object])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Method,

        [Parameter(Position = 1)]
        [ValidateNotNull()]
        [Collections.IDictionary] $Params = @{},

        [ValidateRange(1, 86400)]
        [int] $TimeoutSec,

        [ValidateNotNullOrEmpty()]
        [string] $Activity,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Open-Bridge -Method $Method
    Send-Request -Method $Method -Parameters $Params -Activity $Activity -TimeoutMs ($TimeoutSec * 1000)
}
