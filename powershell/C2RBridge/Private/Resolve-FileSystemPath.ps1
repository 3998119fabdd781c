function Resolve-FileSystemPath {
    # Gives the full path of a file or folder, which need not exist. The bridge runs in another folder than PowerShell, and
    # PowerShell's own folder is not the process's.
    param([string] $Path)

    [Management.Automation.ProviderInfo] $provider = $null
    [Management.Automation.PSDriveInfo] $drive = $null
    $full = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref] $provider, [ref] $drive)
    # A share stays what it is in every location.
    if ($provider.Name -eq 'FileSystem' -or $Path -match '^[\\/]{2}') { return $full }
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidParams -Category InvalidArgument -TargetObject $Path `
                -Message "$Path is not a path of the file system here: it belongs to the provider $($provider.Name)." `
                -RecommendedAction 'Give the full path, or go to a folder first, for example with Set-Location C:\.'))
}
