function Get-C2RContentSource {
    <#
    .SYNOPSIS
        Lists the registered content sources and what they have served.
    .DESCRIPTION
        Shows for each content source that Register-C2RContentSource registered
        where it is, how many bytes and files Click-to-Run received from it, how
        fast, the last error, and the progress of a running download.
    .PARAMETER Name
        The names of the sources to show; wildcards are allowed. Without it,
        all of them. A name that is not registered shows nothing.
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
    $patterns = @($Name | ForEach-Object -Process {
            [Management.Automation.WildcardPattern]::new((ConvertTo-ContentKey -Id $_), 'IgnoreCase, CultureInvariant')
        })
    $request = @{ Method = 'bits/list'; TypeName = 'C2RBridge.ContentSource'; Each = 'Contents' }
    foreach ($source in Invoke-BridgeRequest @request) {
        if ($patterns.IsMatch((ConvertTo-ContentKey -Id $source.ContentId)) -contains $true) { $source }
    }
}
