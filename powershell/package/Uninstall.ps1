<#
.SYNOPSIS
    Removes the modules C2RBridge and C2RBridgeDsc, all versions, from where Install.ps1 puts them.
.DESCRIPTION
    What the modules changed on the device, for example a policy value, stays: take it back first with Reset-C2RManagement,
    Set-C2RChannel -Undo and Unregister-C2RContentSource. Can be repeated.

    Exit codes: 0 removed, or not there; 3010 files are in use and stay until this is run again after a restart; 1618 an
    installation runs; 1 failed, with the reason as the last line.
.PARAMETER ModulePath
    Where the modules lie, if it was given to Install.ps1.
#>
[CmdletBinding()]
param([string] $ModulePath)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Assert-Administrator {
    # Also true for SYSTEM. Without -ModulePath nobody else can remove anything where the modules lie.
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT -or $ModulePath) { return }
    $principal = [Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()
    if ($principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { return }
    throw 'it is there for all users, so that it takes administrator rights. Run this script as an administrator or as SYSTEM.'
}

function Test-Link([string] $Path) {
    return ([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0
}

function Get-Entry([string] $Folder) {
    # What lies in a folder, at any depth, the contents of a folder before it. A link is given and not followed: what it leads to
    # is not ours.
    foreach ($entry in (New-Object -TypeName IO.DirectoryInfo -ArgumentList $Folder).GetFileSystemInfos()) {
        if ($entry -is [IO.DirectoryInfo] -and -not (Test-Link -Path $entry.FullName)) { Get-Entry -Folder $entry.FullName }
        $entry
    }
}

function Remove-ModuleFolder([string] $Folder) {
    # Removes what can be removed, of a link itself alone; gives what is in use, which a folder without files may be, too.
    if (-not [IO.Directory]::Exists($Folder)) { return }
    $inUse = @(
        if (-not (Test-Link -Path $Folder)) { foreach ($entry in Get-Entry -Folder $Folder) { try { $entry.Delete() } catch { $entry.FullName } } }
    )
    if ($inUse.Count -eq 0) { $inUse = @(try { [IO.Directory]::Delete($Folder) } catch { $Folder }) }
    $inUse
}

function Unregister-EventSource {
    # Removes our source of the Application log; its entries stay.
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT) { return }
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try { $machine.DeleteSubKeyTree('SYSTEM\CurrentControlSet\Services\EventLog\Application\C2RBridge', $false) } finally { $machine.Dispose() }
}

$mutex = $null
$owned = $false
$exitCode = 1
try {
    Assert-Administrator
    # That of another account, such as SYSTEM, may not be opened.
    $mutex = try { New-Object -TypeName Threading.Mutex -ArgumentList $false, 'Global\C2RBridgeSetup' } catch [UnauthorizedAccessException] { $null }
    $owned = try { $mutex -and $mutex.WaitOne(0) } catch [Threading.AbandonedMutexException] { $true }
    if (-not $owned) {
        'An installation of C2RBridge runs.'
        $exitCode = 1618
        return
    }
    # In a 32-bit host ProgramFiles is the wrong one of two.
    $programFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    $target = if ($ModulePath) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ModulePath) }
    else { [IO.Path]::Combine($programFiles, 'WindowsPowerShell', 'Modules') }
    $inUse = @(foreach ($name in 'C2RBridge', 'C2RBridgeDsc') { Remove-ModuleFolder -Folder ([IO.Path]::Combine($target, $name)) })
    Unregister-EventSource
    $exitCode = if ($inUse.Count -eq 0) { 0 } else { 3010 }
    if ($inUse.Count -eq 0) { 'C2RBridge is removed.' } else { "C2RBridge is in use: $($inUse[0])" }
} catch {
    # Without the words that PowerShell puts around what a method of .NET threw.
    $fault = if ($_.Exception -is [Management.Automation.MethodInvocationException] -and $_.Exception.InnerException) { $_.Exception.InnerException } else { $_.Exception }
    "C2RBridge was not removed: $($fault.Message)"
} finally {
    if ($owned) { $mutex.ReleaseMutex() }
    if ($mutex) { $mutex.Dispose() }
    exit $exitCode
}
