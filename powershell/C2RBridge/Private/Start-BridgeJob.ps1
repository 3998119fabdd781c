function Start-BridgeJob {
    # Runs the cmdlet that was called in a background job: same parameters, same connection settings, a bridge of its own.
    # -Parameters adds to what was given.
    param([hashtable] $Parameters = @{})

    $arguments = Get-ForwardedParameter
    foreach ($name in $Parameters.Keys) { $arguments[$name] = $Parameters[$name] }
    $work = {
        param($Module, $Settings, $Command, $Arguments, $IsThread)
        # So that a command that fails leaves a job whose state is Failed.
        $ErrorActionPreference = 'Stop'
        try {
            Import-Module -Name $Module
            if ($Settings.Count -gt 0) { $null = Connect-C2RBridge @Settings }
            & $Command @Arguments
        } catch {
            # Of what ends it, a thread job tells no more than the message. The error itself comes before.
            if ($IsThread) {
                $record = [Management.Automation.ErrorRecord]::new($_.Exception, $_.FullyQualifiedErrorId, $_.CategoryInfo.Category, $_.TargetObject)
                $record.ErrorDetails = $_.ErrorDetails
                $record.CategoryInfo.Activity = $Command
                Write-Error -ErrorRecord $record -ErrorAction Continue
            }
            throw
        }
    }
    $manifest = [IO.Path]::Combine($ExecutionContext.SessionState.Module.ModuleBase, 'C2RBridge.psd1')
    $starter = Get-JobStarter
    & $starter -Name $PSCmdlet.MyInvocation.MyCommand.Name -ScriptBlock $work -ArgumentList @(
        [Management.Automation.WildcardPattern]::Escape($manifest), $script:Settings, (Get-CommandName), $arguments, ($starter.Name -eq 'Start-ThreadJob'))
}
