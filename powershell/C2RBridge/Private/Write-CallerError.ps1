function Write-CallerError {
    # Writes an error that does not end the cmdlet that was called, unless its -ErrorAction or the caller's preference says so.
    # The module's own preference would make each of them the end.
    param([Management.Automation.ErrorRecord] $Record)

    $bound = $PSCmdlet.MyInvocation.BoundParameters['ErrorAction']
    # Windows PowerShell does not take Ignore for a variable. Where it is given the parameter decides.
    $ErrorActionPreference = if ($null -ne $bound) { 'SilentlyContinue' } else { $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference', 'Continue') }
    $PSCmdlet.WriteError($Record)
}
