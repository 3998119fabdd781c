function Register-BridgeCompleter {
    # Completes what only the bridge knows. Registered from here, because completers in attributes do not see the module.
    Register-ArgumentCompleter -CommandName Invoke-C2RBridgeMethod -ParameterName Method -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete)
        Get-BridgeMethodName | Where-Object { $_ -like "$wordToComplete*" } | Sort-Object
    }
    $complete = {
        param($commandName, $parameterName, $wordToComplete)
        # Only of a bridge that runs: to start one takes longer than whoever types would wait.
        if (Test-BridgeAlive) { (Get-C2RContentSource -Name "$wordToComplete*").ContentId }
    }
    Register-ArgumentCompleter -CommandName Get-C2RContentSource, Unregister-C2RContentSource -ParameterName Name -ScriptBlock $complete
    Register-ArgumentCompleter -CommandName Invoke-C2RDownload, Invoke-C2RUpdate -ParameterName ContentSource -ScriptBlock $complete
    Register-ContentCompleter
}
