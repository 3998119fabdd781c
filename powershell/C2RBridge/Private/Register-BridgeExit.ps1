$script:ExitSubscriber = $null

function Register-BridgeExit {
    # Ends the bridge when the runspace closes, where PowerShell does not remove modules and OnRemove alone would leave the
    # process behind.
    #
    # The runspaces of ForEach-Object -Parallel keep the module from one of its iterations to the next, but lose every subscriber.
    # In one that closes, where a `finally` may still call a cmdlet, PowerShell.Exiting has been.
    param($Connection)

    $runspace = [runspace]::DefaultRunspace
    if ("$($runspace.Name)".StartsWith('PSTask:', [StringComparison]::Ordinal) -or "$($runspace.RunspaceStateInfo)" -ne 'Opened') { return Register-RunspaceEnd -Connection $Connection }
    if ($script:ExitSubscriber) { return }
    $script:ExitSubscriber = $ExecutionContext.Events.SubscribeEvent($null, $null, 'PowerShell.Exiting', $null, {
            # The end of its input ends the bridge. At the end of a session nobody waits for it, nor for more to be compiled.
            $connection = $bridge.SessionState.PSVariable.GetValue('script:Connection')
            if ($null -eq $connection) { return }
            $connection['Closed'] = $true
            if ($connection['Writing'].IsCompleted) { $connection['Input'].Dispose() } else { & $bridge { Stop-Bridge } }
        }, $true, $false)
    # The action runs in a module of its own, which knows nothing of this one.
    $script:ExitSubscriber.Action.Module.SessionState.PSVariable.Set('bridge', $ExecutionContext.SessionState.Module)
}
