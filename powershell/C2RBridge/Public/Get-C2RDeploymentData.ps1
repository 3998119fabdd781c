function Get-C2RDeploymentData {
    <#
    .SYNOPSIS
        Reads deployment data that Office keeps.
    .DESCRIPTION
        Calls IUpdateNotify2::GetOfficeDeploymentData. Microsoft does not
        publish the available types and names. Raw is the text that Office
        returned; Value is the same text, parsed if it is XML or JSON.
    .PARAMETER DataType
        The number that Office calls dataType.
    .PARAMETER Name
        The name within the type; an empty string when absent.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
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
