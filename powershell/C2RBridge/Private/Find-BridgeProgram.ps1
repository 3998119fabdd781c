# SHA-256 of the bridge that a package carries. The package fills it in; a clone of the repository has none to compare.
$script:BridgeHash = $null

function Find-BridgeProgram {
    # Gives NodePath, Path (of the bridge) and Arguments for the settings of Connect-C2RBridge.
    param([hashtable] $Settings)

    if ($Settings.ContainsKey('SshHost')) { return Find-SshProgram -Settings $Settings }
    if ($Settings.ContainsKey('BridgePath')) {
        $path = $Settings.BridgePath
    } else {
        $module = $ExecutionContext.SessionState.Module.ModuleBase
        # A package carries the bridge; in a clone of the repository it lies where the build puts it.
        $path = [IO.Path]::Combine($module, 'bin', 'c2r-bridge.cjs')
        if ([IO.File]::Exists($path)) {
            Assert-BridgeHash -Path $path
        } else {
            $path = [IO.Path]::GetFullPath([IO.Path]::Combine($module, '..', '..', 'dist', 'c2r-bridge.cjs'))
        }
    }
    $node = if ($Settings.ContainsKey('NodePath')) { $Settings.NodePath } else { Find-Node }
    foreach ($file in $path, $node) {
        if (-not [IO.File]::Exists($file)) {
            $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId BridgeNotFound -Category ObjectNotFound -TargetObject $file `
                        -Message "'$file', which the bridge needs, does not exist." `
                        -RecommendedAction 'Install the module again, or correct the path given to Connect-C2RBridge.'))
        }
    }
    $arguments = @($path, '--stdio')
    if ($Settings.ContainsKey('Backend')) { $arguments += '--backend', $Settings.Backend.ToLowerInvariant() }
    if ($Settings.ContainsKey('Simulation')) { $arguments += '--simulate', $Settings.Simulation }
    if ($Settings.ContainsKey('LogLevel')) { $arguments += '--log-level', $Settings.LogLevel.ToLowerInvariant() }
    if ($Settings.ContainsKey('LogFile')) { $arguments += '--log-file', $Settings.LogFile }
    return @{ NodePath = $node; Path = $path; Arguments = $arguments }
}
