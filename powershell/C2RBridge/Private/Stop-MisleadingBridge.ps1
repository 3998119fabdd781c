function Stop-MisleadingBridge {
    # Ends the cmdlet, and a bridge whose result is of another shape than the contract of this version says.
    param([string] $Method)

    $versions = "the bridge is of version $($script:Connection['Info'].server.version), this module of $($ExecutionContext.SessionState.Module.Version)"
    $advice = if ($script:Settings['SshHost']) { "Install this version of C2RBridge on $($script:Settings.SshHost)." }
    else { 'Use the bridge that came with this module: Connect-C2RBridge without -BridgePath.' }
    Stop-FailedBridge -Method $Method -Reason "its result is not the one of the contract; $versions" -Advice $advice
}
