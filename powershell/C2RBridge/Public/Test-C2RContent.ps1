function Test-C2RContent {
    <#
    .SYNOPSIS
        Verifies a local Office image without network access.
    .DESCRIPTION
        Hashes every file of the image and compares it with the manifest and
        with the hashes in the image's own cabinets, which take precedence.
        Reports which files are ok, missing, corrupt, unproven (no readable hash
        is published for them) or extra. Ok is false if a file is missing,
        corrupt or unproven; extra files do no harm.

        An image without a manifest, such as the Office Deployment Tool makes,
        must hold every file that its versions, architectures and languages
        need. -Version, -Arch, -Languages and -ProofingLanguages say which those
        are; without them, all of which any file is present. Judged in the
        result says what was checked, and why.
    .PARAMETER Path
        The folder of the image.
    .PARAMETER Version
        The version that must be complete, for example 16.0.19929.20172. Without
        it, every version that is there must be.
    .PARAMETER Arch
        The architecture that must be complete: x64 or x86.
    .PARAMETER Languages
        The languages that must be complete, such as en-us.
    .PARAMETER ProofingLanguages
        The languages whose proofing tools must be complete.
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
        Test-C2RContent D:\Office -Arch x64 -Languages en-us, de-de

        Also lists as missing what one of the two languages lacks.
    .EXAMPLE
        if (-not (Test-C2RContent D:\Office -Quiet)) { exit 1 }

        Ends a script with exit code 1 if the image is incomplete.
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

        [ValidateNotNullOrEmpty()]
        [string] $Version,

        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Arch,

        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $Languages,

        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $ProofingLanguages,

        [switch] $Signatures,

        [switch] $Quiet
    )

    process {
        $parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Path, Version, Arch, Languages, ProofingLanguages, Signatures
        $request = @{
            Method     = 'content/verify'
            Parameters = $parameters
            TypeName   = 'C2RBridge.ContentVerification'
            Needs      = 'ok'
            Activity   = "Verifying $($parameters.path)"
        }
        $result = Invoke-BridgeRequest @request
        if ($Quiet) { return $result.Ok }
        $result
    }
}
