function Test-C2RContent {
    <#
    .SYNOPSIS
        Verifies a local image of the Office CDN without any network.
    .DESCRIPTION
        Hashes every file of the image and compares it with the manifest and
        with the hashes in the image's own cabinets, which decide. Says which
        files are ok, missing, corrupt or extra. Ok is false where anything is
        missing or corrupt; extra files do no harm.
    .PARAMETER Path
        The folder of the image.
    .PARAMETER Signatures
        Also checks that Microsoft signed every cabinet; needs Windows.
    .PARAMETER Quiet
        Gives only $true or $false.
    .EXAMPLE
        Test-C2RContent -Path D:\Office

        Verifies an image and shows the counts.
    .EXAMPLE
        (Test-C2RContent D:\Office).Files | Where-Object State -NE ok

        Lists what is wrong.
    .EXAMPLE
        if (-not (Test-C2RContent D:\Office -Quiet)) { exit 1 }

        Ends a script with 1 where the image is not whole.
    .OUTPUTS
        C2RBridge.ContentVerification
    .OUTPUTS
        System.Boolean
    .LINK
        Save-C2RContent
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.ContentVerification', [bool])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('Destination', 'FullName')]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [switch] $Signatures,

        [switch] $Quiet
    )

    process {
        $folder = Resolve-FileSystemPath -Path $Path
        $request = @{
            Method     = 'content/verify'
            Parameters = (ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Signatures) + @{ path = $folder }
            TypeName   = 'C2RBridge.ContentVerification'
            Activity   = "Verifying $folder"
        }
        $result = Invoke-BridgeRequest @request
        if ($Quiet) { return $result.Ok }
        $result
    }
}
