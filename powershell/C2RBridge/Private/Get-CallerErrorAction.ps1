function Get-CallerErrorAction {
    # What is to become of an error that does not end the command: what -ErrorAction says, or else the caller's preference. The
    # module's own one would make each of them the end.
    $bound = $PSCmdlet.MyInvocation.BoundParameters['ErrorAction']
    # Windows PowerShell does not take Ignore for a variable; of the two the parameter decides.
    if ($null -ne $bound) { return $(if ("$bound" -eq 'Ignore') { 'SilentlyContinue' } else { $bound }) }
    return $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference', 'Continue')
}
