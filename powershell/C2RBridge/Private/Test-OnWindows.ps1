function Test-OnWindows {
    # Says whether this is Windows; $IsWindows and this Platform do not exist in Windows PowerShell.
    return $PSVersionTable['Platform'] -ne 'Unix'
}
