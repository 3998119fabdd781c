function Invoke-C2RBridgeMethod {
    <#
    .SYNOPSIS
        Calls a method of the bridge by its name on the wire.
    .DESCRIPTION
        Use this for methods without a cmdlet and to see the raw results. Names
        and values are those of the JSON-RPC contract; Invoke-C2RBridgeMethod
        rpc.discover returns the whole contract as an OpenRPC document.
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
        Invoke-C2RBridgeMethod c2r/status

        Shows the raw status.
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
        [ValidatePattern('^\P{Cc}+\z')]
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    if ($script:SessionMethods -ccontains $Method) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId SessionMethod -Category InvalidOperation -TargetObject $Method `
                    -Message "$Method begins or ends the session that the module keeps with its bridge." `
                    -RecommendedAction 'Use Connect-C2RBridge and Disconnect-C2RBridge.'))
    }
    Assert-PlainValue -Value $Params -Name Params
    Open-Bridge -Method $Method
    Send-Request -Method $Method -Parameters $Params -Activity $Activity -TimeoutMs ($TimeoutSec * 1000)
}
