function Unregister-C2RContentSource {
    <#
    .SYNOPSIS
        Removes the registration of a content source.
    .DESCRIPTION
        Removes only what Register-C2RContentSource wrote: the entry of the
        content source and, with the last entry, the COM class. The files of the
        image are not touched.
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
        if (-not (Confirm-Change -Target $Name -Action 'Stop serving the content to Click-to-Run')) { return }
        $request = @{
            Method     = 'bits/unregister'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Name -Rename @{ Name = 'contentId' }
            TypeName   = 'C2RBridge.ContentSourceRemoval'
        }
        Invoke-BridgeRequest @request
    }
}
