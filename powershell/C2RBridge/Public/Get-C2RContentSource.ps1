function Get-C2RContentSource {
    <#
    .SYNOPSIS
        Lists the registered content sources and what was served of them.
    .DESCRIPTION
        Shows for each content source that Register-C2RContentSource registered
        where it is, how many bytes and files were given to Click-to-Run, how
        fast, the last error, and how far a running download is.
    .PARAMETER Name
        The names of the sources to show; wildcards are allowed. Without it,
        all of them.
    .EXAMPLE
        Get-C2RContentSource

        Shows all of them.
    .EXAMPLE
        (Get-C2RContentSource -Name Current).LastError

        Shows what went wrong last with one of them.
    .OUTPUTS
        C2RBridge.ContentSource
    .LINK
        Register-C2RContentSource
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.ContentSource')]
    param(
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter({ & (Get-Module C2RBridge) { Get-Completion @args } @args })]
        [string[]] $Name = '*'
    )

    Import-CallerPreference
    $request = @{ Method = 'bits/list'; TypeName = 'C2RBridge.ContentSource'; Each = 'Contents' }
    foreach ($source in Invoke-BridgeRequest @request) {
        if (@($Name | Where-Object { $source.ContentId -like $_ }).Count -gt 0) { $source }
    }
}
