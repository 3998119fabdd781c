function Resolve-ContentSource {
    # Gives what c2r/download takes to download from a registered content source. Runs in the scope of the cmdlet that was
    # called, so that an error is the cmdlet's.
    param([string] $Name)

    $request = @{ Method = 'bits/list'; TypeName = 'C2RBridge.ContentSource'; Each = 'Contents' }
    $key = ConvertTo-ContentKey -Id $Name
    $source = @(Invoke-BridgeRequest @request | Where-Object -FilterScript { (ConvertTo-ContentKey -Id $_.ContentId) -eq $key })
    if ($source.Count -eq 0) {
        $PSCmdlet.ThrowTerminatingError((New-MissingSourceError -Name $Name))
    }
    return @{ downloadSource = $source[0].Download.DownloadSource; contentId = $source[0].Download.ContentId }
}
