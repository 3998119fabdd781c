function Start-BridgeJob {
    # Runs the cmdlet that was called in a background job: same parameters, same connection settings, a bridge of its own.
    # -Parameters adds to what was given. Questions were asked before, so that the job asks none.
    param([hashtable] $Parameters = @{})

    $command = $PSCmdlet.MyInvocation.MyCommand
    $arguments = @{}
    foreach ($entry in $PSCmdlet.MyInvocation.BoundParameters.GetEnumerator()) {
        if ('AsJob', 'WhatIf', 'Confirm' -contains $entry.Key) { continue }
        $arguments[$entry.Key] = if ($entry.Value -is [switch]) { [bool] $entry.Value } else { $entry.Value }
    }
    foreach ($name in $Parameters.Keys) { $arguments[$name] = $Parameters[$name] }
    if ($command.Parameters.ContainsKey('Confirm')) { $arguments.Confirm = $false }

    $work = {
        param($Module, $Settings, $Command, $Arguments)
        # So that a command that fails leaves a job whose state is Failed.
        $ErrorActionPreference = 'Stop'
        Import-Module -Name $Module
        if ($Settings.Count -gt 0) { $null = Connect-C2RBridge @Settings }
        & $Command @Arguments
    }
    $manifest = [IO.Path]::Combine($ExecutionContext.SessionState.Module.ModuleBase, 'C2RBridge.psd1')
    Start-Job -Name $command.Name -ScriptBlock $work -ArgumentList @(
        [Management.Automation.WildcardPattern]::Escape($manifest), $script:Settings, $command.Name, $arguments)
}
