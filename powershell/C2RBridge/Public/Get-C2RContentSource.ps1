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
        all of them. A name without wildcards that is not registered is an
        error, which does not keep the others from being shown.
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
    $sources = @(Invoke-BridgeRequest @request)
    $shown = [Collections.Generic.HashSet[object]]::new()
    foreach ($each in $Name) {
        $pattern = [Management.Automation.WildcardPattern]::new((ConvertTo-ContentKey -Id $each), 'IgnoreCase, CultureInvariant')
        $found = @($sources | Where-Object -FilterScript { $pattern.IsMatch((ConvertTo-ContentKey -Id $_.ContentId)) })
        if ($found.Count -eq 0 -and -not [Management.Automation.WildcardPattern]::ContainsWildcardCharacters($each)) {
            Write-CallerError -Record (New-MissingSourceError -Name $each)
        }
        foreach ($source in $found) { if ($shown.Add($source)) { $source } }
    }
}
