function Get-FaultText {
    # What an error says, without the words that PowerShell puts around what a method of .NET threw.
    param([Management.Automation.ErrorRecord] $Record)

    $exception = $Record.Exception
    if ($exception -is [Management.Automation.MethodInvocationException] -and $exception.InnerException) { $exception = $exception.InnerException }
    return $exception.Message
}
