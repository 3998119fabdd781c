function Resolve-FileSystemPath {
    # Gives the full path of a file or folder, which need not exist. The bridge runs in another folder than PowerShell, and
    # PowerShell's own folder is not the process's.
    param([string] $Path)

    return $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}
