function Find-Node {
    # Gives the full path of the Node to use: the module's own, the installed one, then one on PATH.
    $bin = [IO.Path]::Combine($ExecutionContext.SessionState.Module.ModuleBase, 'bin')
    if (Test-OnWindows) {
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
        $candidates = @(
            foreach ($architecture in $architectures) { [IO.Path]::Combine($bin, $architecture, 'node.exe') }
            [IO.Path]::Combine($programFiles, 'nodejs', 'node.exe')
        )
        # Others may write to folders on PATH, and their programs must not run with our rights.
        $searchPath = -not (Test-Elevated)
        $name = 'node.exe'
    } else {
        $candidates = @()
        $searchPath = $true
        $name = 'node'
    }
    if ($searchPath) {
        $candidates += @(
            foreach ($folder in "$env:PATH".Split([IO.Path]::PathSeparator)) {
                if ([IO.Path]::IsPathRooted($folder)) { [IO.Path]::Combine($folder, $name) }
            }
        )
    }
    foreach ($candidate in $candidates) {
        if ([IO.File]::Exists($candidate)) { return $candidate }
    }
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId NodeNotFound -Category ObjectNotFound -TargetObject $name `
                -Message 'Node was not found: neither with the module nor where it is usually installed.' `
                -RecommendedAction 'Install Node 20 or newer, or name one with Connect-C2RBridge -NodePath.'))
}
