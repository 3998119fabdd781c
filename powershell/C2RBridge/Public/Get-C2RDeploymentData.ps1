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
        [string] $Name
    )

    process {
        $request = @{
            Method     = 'c2r/deploymentData'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name DataType, Name
            TypeName   = 'C2RBridge.DeploymentData'
            Verbatim   = 'value'
        }
        Invoke-BridgeRequest @request
    }
}
