# SHA-256 of the bridge that a package carries. The package fills it in; a clone of the repository has none to compare.
$script:BridgeHash = $null

function Find-BridgeProgram {
    # Gives NodePath, Path (of the bridge) and Arguments for the settings of Connect-C2RBridge.
    param($Settings)

    if ($Settings['SshHost']) { return Find-SshProgram -Settings $Settings }
    # A package carries the bridge, and has no other; in a clone of the repository it lies where the build puts it.
    $module = $ExecutionContext.SessionState.Module.ModuleBase
    $path = if ($Settings['BridgePath']) { $Settings['BridgePath'] }
    elseif ($script:BridgeHash) { [IO.Path]::Combine([IO.Path]::Combine($module, 'bin'), 'c2r-bridge.cjs') }
    else { [IO.Path]::GetFullPath([IO.Path]::Combine($module, '..', '..', 'dist', 'c2r-bridge.cjs')) }
    $node = if ($Settings['NodePath']) { $Settings['NodePath'] } else { Find-Node }
    foreach ($file in $path, $node) {
        if (-not [IO.File]::Exists($file)) {
            $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId BridgeNotFound -Category ObjectNotFound -TargetObject $file `
                        -Message "There is no file '$file', which the bridge needs." `
                        -RecommendedAction 'Install the module again, or correct the path given to Connect-C2RBridge. After an upgrade of the module, run Remove-Module C2RBridge, then Import-Module C2RBridge.'))
        }
    }
    if ($script:BridgeHash -and -not $Settings['BridgePath']) { Assert-BridgeHash -Path $path }
    $arguments = @($path, '--stdio')
    if ($Settings['Backend']) { $arguments += '--backend', $Settings['Backend'].ToLowerInvariant() }
    if ($Settings['Simulation']) { $arguments += '--simulate', $Settings['Simulation'] }
    if ($Settings['LogLevel']) { $arguments += '--log-level', $Settings['LogLevel'].ToLowerInvariant() }
    if ($Settings['LogFile']) { $arguments += '--log-file', $Settings['LogFile'] }
    if ($Settings['LogFormat']) { $arguments += '--log-format', $Settings['LogFormat'].ToLowerInvariant() }
    return @{ NodePath = $node; Path = $path; Arguments = $arguments }
}
