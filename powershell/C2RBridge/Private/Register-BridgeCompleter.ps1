function Register-BridgeCompleter {
    # Completes what only the bridge knows. Registered from here, because completers in attributes do not see the module.
    Register-ArgumentCompleter -CommandName Invoke-C2RBridgeMethod -ParameterName Method -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete)
        Get-BridgeMethodName | Where-Object { $_ -like "$wordToComplete*" } | Sort-Object
    }
    Register-ContentCompleter
}
