function Get-WindowsNode {
    # Gives where Node may be on Windows: in the module's own -Folder, for this machine, then where it is usually installed.
    param([string] $Folder)

    # Neither the environment nor this process, which may be 32-bit, says what the machine is; the registry does.
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try {
        $key = $machine.OpenSubKey('SYSTEM\CurrentControlSet\Control\Session Manager\Environment')
        $architectures = if ($key.GetValue('PROCESSOR_ARCHITECTURE') -eq 'ARM64') { 'arm64', 'x64' } else { , 'x64' }
        $key.Dispose()
        $key = $machine.OpenSubKey('SOFTWARE\Microsoft\Windows\CurrentVersion')
        $programFiles = $key.GetValue('ProgramFilesDir')
        $key.Dispose()
    } finally {
        $machine.Dispose()
    }
    foreach ($architecture in $architectures) { [IO.Path]::Combine($Folder, $architecture, 'node.exe') }
    [IO.Path]::Combine($programFiles, 'nodejs', 'node.exe')
}
