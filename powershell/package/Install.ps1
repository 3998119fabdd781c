<#
.SYNOPSIS
    Installs the modules C2RBridge and C2RBridgeDsc for all users: for a Win32 app in Intune or an application in ConfigMgr.
.DESCRIPTION
    Checks every file of the package against SHA256SUMS and copies the modules into a folder of their own version, so that an
    older version that is in use is left alone until nobody uses it any more. Can be repeated; repairs what was changed.
    Refuses a folder in which others than administrators could change the modules.

    Install command:   powershell.exe -NoProfile -ExecutionPolicy Bypass -File Install.ps1
    Uninstall command: powershell.exe -NoProfile -ExecutionPolicy Bypass -File Uninstall.ps1
    Detection:         Detect.ps1 as a custom script

    Exit codes: 0 installed; 3010 installed, and an older version that is in use goes with the next installation after a
    restart; 1618 another installation runs; 1 failed, with the reason as the last line.
.PARAMETER ModulePath
    Where the modules go. By default the all-users folder of the 64-bit Windows PowerShell, which PowerShell 7 reads as well.
#>
[CmdletBinding()]
param([string] $ModulePath)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-AllUsersModulePath {
    # In a 32-bit host ProgramFiles is the wrong one of two.
    $programFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    return [IO.Path]::Combine($programFiles, 'WindowsPowerShell', 'Modules')
}

function Get-Sha256([string] $Path) {
    $algorithm = [Security.Cryptography.SHA256]::Create()
    $stream = [IO.File]::OpenRead($Path)
    try {
        return [BitConverter]::ToString($algorithm.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
    } finally {
        $stream.Dispose()
        $algorithm.Dispose()
    }
}

function Get-PackageFile {
    # Gives hash and path of each file that SHA256SUMS names, after it was found to be what it should be. A list that was cut off
    # is refused: what it does not name would be removed as a leftover.
    $files = @(foreach ($line in [IO.File]::ReadAllLines([IO.Path]::Combine($PSScriptRoot, 'SHA256SUMS'))) {
            $hash, $path = $line -split '  ', 2
            if (-not $path) { throw 'SHA256SUMS is damaged. Copy the package again.' }
            $file = [IO.Path]::Combine($PSScriptRoot, $path)
            if (-not [IO.File]::Exists($file) -or (Get-Sha256 -Path $file) -ne $hash) { throw "$path is not the file that the package was made with." }
            [pscustomobject] @{ Hash = $hash; Path = $path; File = $file }
        })
    if ($files.Count -eq 0 -or $files[-1].Path -ne 'C2RBridge/C2RBridge.psd1') { throw 'SHA256SUMS was cut off. Copy the package again.' }
    return $files
}

function Assert-Administrator {
    # Also true for SYSTEM. Without -ModulePath nobody else can put anything where the modules go.
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT -or $ModulePath) { return }
    $principal = [Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()
    if ($principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { return }
    throw 'it is for all users, which takes administrator rights. Run this script as an administrator or as SYSTEM.'
}

function Assert-Protected([string] $Folder, [string] $Below) {
    # Refuses a folder in which others than administrators could change the modules, which SYSTEM and administrators load:
    # -Folder up to -Below must not be writable for others, and what lies above must not be replaceable.
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT) { return }
    # SYSTEM, Administrators, CREATOR OWNER, OWNER RIGHTS, TrustedInstaller, whose rights others cannot get, and this account.
    $trusted = @('S-1-5-18', 'S-1-5-32-544', 'S-1-3-0', 'S-1-3-4', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'
        [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
    # DeleteSubdirectoriesAndFiles, Delete, ChangePermissions, TakeOwnership and GENERIC_ALL replace a folder;
    # WriteData, AppendData and GENERIC_WRITE put files into it.
    $replace = 0x100D0040
    $write = $replace -bor 0x40000006
    $dangerous = $write
    for ($path = $Folder; $path; $path = [IO.Path]::GetDirectoryName($path)) {
        $acl = Get-Acl -LiteralPath $path
        $owner = $acl.GetOwner([Security.Principal.SecurityIdentifier]).Value
        $others = @(if ($trusted -notcontains $owner -and $owner -notmatch '^S-1-5-21-.*-(500|512|519)$') { $owner })
        foreach ($rule in $acl.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
            $sid = $rule.IdentityReference.Value
            $inheritOnly = ($rule.PropagationFlags -band [Security.AccessControl.PropagationFlags]::InheritOnly) -ne 0
            $rights = [int] $rule.FileSystemRights -band $dangerous
            if ($rule.AccessControlType -eq 'Deny' -or $inheritOnly -or $rights -eq 0) { continue }
            if ($trusted -notcontains $sid -and $sid -notmatch '^S-1-5-21-.*-(500|512|519)$') { $others += $sid }
        }
        if ($others.Count -gt 0) {
            throw "'$path' can be changed by others than administrators: $($others -join ', '). Leave out -ModulePath, or correct the permissions of the folder."
        }
        if ($path -eq $Below) { $dangerous = $replace }
    }
}

function Copy-InPlace([string] $From, [string] $To) {
    # A program that runs can be renamed but not overwritten.
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($To))
    if ([IO.File]::Exists($To)) {
        try { [IO.File]::Delete($To) } catch { [IO.File]::Move($To, "$To.$([guid]::NewGuid().ToString('N')).old") }
    }
    # The content and nothing else: a file that is read-only could not be replaced later, and one that is marked as downloaded
    # PowerShell would not run.
    [IO.File]::WriteAllBytes($To, [IO.File]::ReadAllBytes($From))
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

function Remove-Leftover([string] $Folder, [string[]] $Except) {
    # Removes files, links and empty folders; gives what is in use.
    foreach ($entry in Get-Entry -Folder $Folder) {
        if ($Except -contains $entry.FullName) { continue }
        $isFolder = $entry -is [IO.DirectoryInfo] -and -not (Test-Link -Path $entry.FullName)
        if ($isFolder -and @($entry.GetFileSystemInfos()).Count -gt 0) { continue }
        try { $entry.Delete() } catch { $entry.FullName }
    }
}

function Test-InUse([string] $Folder) {
    # Whether a program or a library in it runs: Windows lets nobody write to those meanwhile.
    foreach ($entry in Get-Entry -Folder $Folder) {
        if ($entry -isnot [IO.FileInfo] -or '.exe', '.node' -notcontains $entry.Extension -or (Test-Link -Path $entry.FullName)) { continue }
        try {
            [IO.File]::Open($entry.FullName, 'Open', 'ReadWrite', 'None').Dispose()
        } catch [IO.IOException] {
            return $true
        } catch {
            # It is read-only, for example.
            $null = $_
        }
    }
    return $false
}

function Get-UsedVersion([string] $Folder, [version] $OlderThan) {
    # The folders of older versions that are in use. Of a newer one nothing may stay that would be loaded instead of this one.
    foreach ($entry in (New-Object -TypeName IO.DirectoryInfo -ArgumentList $Folder).GetDirectories()) {
        $version = $entry.Name -as [version]
        if ($null -eq $version -or $version -ge $OlderThan -or (Test-Link -Path $entry.FullName)) { continue }
        if (Test-InUse -Folder $entry.FullName) { $entry.FullName }
    }
}

function Copy-Module([string] $Name, [string] $Target, [object[]] $Files) {
    # Puts one module into the folder of its version; gives what is in use of older ones.
    $manifest = [IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, $Name, "$Name.psd1"))
    $version = [regex]::Match($manifest, "ModuleVersion\s+= '([\d.]+)'").Groups[1].Value
    $all = [IO.Path]::Combine($Target, $Name)
    $own = [IO.Path]::Combine($all, $version)
    # What it leads to is not ours, and would be removed.
    foreach ($folder in $all, $own) {
        if ([IO.Directory]::Exists($folder) -and (Test-Link -Path $folder)) { throw "'$folder' is a link. Remove it, then run this script again." }
    }
    $null = [IO.Directory]::CreateDirectory($own)
    Assert-Protected -Folder $own -Below $Target
    # The manifest comes last: Detect.ps1 takes it for the sign that all is there, also after an installation that was cut off.
    $isManifest = { $_.Path -eq "$Name/$Name.psd1" }
    $kept = foreach ($file in $Files | Sort-Object -Property $isManifest) {
        if (-not $file.Path.StartsWith("$Name/")) { continue }
        $to = [IO.Path]::GetFullPath([IO.Path]::Combine($own, $file.Path.Substring($Name.Length + 1)))
        if (-not [IO.File]::Exists($to) -or (Get-Sha256 -Path $to) -ne $file.Hash) { Copy-InPlace -From $file.File -To $to }
        $to
    }
    # A bridge that runs loads parts of its version when it first needs them.
    $used = @(Get-UsedVersion -Folder $all -OlderThan $version)
    $used
    $kept = @($kept) + $used + @(foreach ($folder in $used) { foreach ($entry in Get-Entry -Folder $folder) { $entry.FullName } })
    Remove-Leftover -Folder $all -Except $kept
}

function Register-EventSource {
    # Lets the module write to the Application log. Gives a line where that fails, which is not a reason not to install.
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT) { return }
    try {
        $windows = [IO.Path]::GetDirectoryName([Environment]::SystemDirectory)
        # The messages that .NET itself uses: the text is the entry's own.
        $messages = [IO.Path]::Combine($windows, 'Microsoft.NET', 'Framework64', 'v4.0.30319', 'EventLogMessages.dll')
        $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
        $key = $machine.CreateSubKey('SYSTEM\CurrentControlSet\Services\EventLog\Application\C2RBridge')
        $key.SetValue('EventMessageFile', $messages, 'ExpandString')
        $key.SetValue('TypesSupported', 7, 'DWord')
        $key.Dispose()
        $machine.Dispose()
    } catch {
        "The source of the Application log could not be registered: $($_.Exception.Message)"
    }
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
        'Another installation of C2RBridge runs.'
        $exitCode = 1618
        return
    }
    $target = if ($ModulePath) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ModulePath) } else { Get-AllUsersModulePath }
    $files = @(Get-PackageFile)
    # C2RBridge last, for it is the one that is detected.
    $inUse = @(foreach ($name in 'C2RBridgeDsc', 'C2RBridge') { Copy-Module -Name $name -Target $target -Files $files })
    $exitCode = if ($inUse.Count -eq 0) { 0 } else { 3010 }
    if ($inUse.Count -gt 0) { "$($inUse.Count) files or folders of an older version are in use: $($inUse[0])" }
    Register-EventSource
    "C2RBridge is installed in $target."
} catch {
    # Without the words that PowerShell puts around what a method of .NET threw.
    $fault = if ($_.Exception -is [Management.Automation.MethodInvocationException] -and $_.Exception.InnerException) { $_.Exception.InnerException } else { $_.Exception }
    "C2RBridge was not installed: $($fault.Message)"
} finally {
    if ($owned) { $mutex.ReleaseMutex() }
    if ($mutex) { $mutex.Dispose() }
    exit $exitCode
}
