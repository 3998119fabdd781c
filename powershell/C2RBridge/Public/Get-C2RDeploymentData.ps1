function Get-C2RDeploymentData {
    <#
    .SYNOPSIS
        Reads deployment data that Office keeps.
    .DESCRIPTION
        Calls IUpdateNotify2::GetOfficeDeploymentData. Microsoft does not
        publish which types and names there are. Raw is the text as Office gave
        it; Value is the same, parsed, where it is XML or JSON.
    .PARAMETER DataType
        The number that Office calls dataType.
    .PARAMETER Name
        The name within the type; an empty string when absent.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Get-C2RDeploymentData -DataType 1

        Reads the data of type 1.
    .OUTPUTS
        C2RBridge.DeploymentData
    .LINK
        Get-C2RInstallation
    #>
    [CmdletBinding()]
    [OutputType('C2RBridge.DeploymentData')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [int] $DataType,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [AllowEmptyString()]
        [string] $Name,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    process {
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        $request = @{
            Method     = 'c2r/deploymentData'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DataType, Name
            TypeName   = 'C2RBridge.DeploymentData'
            Verbatim   = 'value'
        }
        Invoke-BridgeRequest @request
    }
}
