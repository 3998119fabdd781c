function Test-OnWindows {
    # Says whether this is Windows; $IsWindows does not exist in Windows PowerShell.
    return [Environment]::OSVersion.Platform -eq [PlatformID]::Win32NT
}
