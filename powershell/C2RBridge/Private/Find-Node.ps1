function Find-Node {
    # Gives the full path of the Node to use: the module's own, the installed one, then one on PATH.
    $bin = [IO.Path]::Combine($ExecutionContext.SessionState.Module.ModuleBase, 'bin')
    if (Test-OnWindows) {
        $candidates = @(Get-WindowsNode -Folder $bin)
        # Others may write to folders on PATH, and their programs must not run with our rights.
        $searchPath = -not (Test-Elevated)
        $name = 'node.exe'
        $separator = ';'
    } else {
        $candidates = @()
        $searchPath = $true
        $name = 'node'
        $separator = ':'
    }
    if ($searchPath) {
        $candidates += @(
            foreach ($folder in "$env:PATH".Split($separator)) {
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
