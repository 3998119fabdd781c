$script:ExitSubscriber = $null

function Register-BridgeExit {
    # Ends the bridge when the runspace closes, where PowerShell does not remove modules and OnRemove alone would leave the
    # process behind.
    #
    # The runspaces of ForEach-Object -Parallel keep the module from one of its iterations to the next, but lose every subscriber.
    # In one that closes, where a `finally` may still call a cmdlet, PowerShell.Exiting has been.
    param([hashtable] $Connection)

    $runspace = [runspace]::DefaultRunspace
    if ($runspace.Name -like 'PSTask:*' -or $runspace.RunspaceStateInfo.State -ne 'Opened') { return Register-RunspaceEnd -Connection $Connection }
    if ($script:ExitSubscriber) { return }
    $events = $ExecutionContext.Events
    $script:ExitSubscriber = $events.SubscribeEvent($null, $null, 'PowerShell.Exiting', $null, { & $bridge { Stop-Bridge -Leave } }, $true, $false)
    # The action runs in a module of its own, which knows nothing of this one.
    $script:ExitSubscriber.Action.Module.SessionState.PSVariable.Set('bridge', $ExecutionContext.SessionState.Module)
}
