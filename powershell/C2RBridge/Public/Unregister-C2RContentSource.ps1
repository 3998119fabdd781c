function Unregister-C2RContentSource {
    <#
    .SYNOPSIS
        Removes the registration of a content source.
    .DESCRIPTION
        Removes what Register-C2RContentSource wrote, and nothing else: the
        entry of the content source, and with the last one the COM class that
        served it. The files of the source stay where they are.
    .PARAMETER Name
        The name of the content source; case does not matter.
    .EXAMPLE
        Unregister-C2RContentSource -Name Current

        Removes one registration.
    .EXAMPLE
        Get-C2RContentSource | Unregister-C2RContentSource

        Removes them all.
    .OUTPUTS
        C2RBridge.ContentSourceRemoval
    .LINK
        Register-C2RContentSource
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.ContentSourceRemoval')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ContentId')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string] $Name
    )

    process {
        Import-CallerPreference
        if (-not $PSCmdlet.ShouldProcess($Name, 'Serve the content to Click-to-Run no more')) { return }
        $request = @{
            Method     = 'bits/unregister'
            Parameters = @{ contentId = $Name }
            TypeName   = 'C2RBridge.ContentSourceRemoval'
        }
        Invoke-BridgeRequest @request
    }
}
