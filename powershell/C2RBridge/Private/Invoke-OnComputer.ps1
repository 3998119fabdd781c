function Invoke-OnComputer {
    # Runs the cmdlet that was called on other computers: same parameters, with the module that is installed there. The
    # remoting engine does the rest: it throttles, marks each result with PSComputerName, and goes on where one host fails.
    # Questions were asked before, so that none is asked there. -Without names parameters that are for this side.
    param([string[]] $Without = @())

    $bound = $PSCmdlet.MyInvocation.BoundParameters
    $command = $PSCmdlet.MyInvocation.MyCommand
    $invocation = @{ ErrorAction = if ($bound.ContainsKey('ErrorAction')) { $bound.ErrorAction } else { 'Continue' } }
    $arguments = @{}
    foreach ($name in $bound.Keys) {
        if ('ComputerName', 'Session', 'AsJob' -contains $name) {
            $invocation[$name] = $bound[$name]
        } elseif ('WhatIf', 'Confirm', 'ErrorAction' -notcontains $name -and $Without -notcontains $name) {
            $arguments[$name] = if ($bound[$name] -is [switch]) { [bool] $bound[$name] } else { $bound[$name] }
        }
    }
    if ($command.Parameters.ContainsKey('Confirm')) { $arguments.Confirm = $false }
    # A job ends with the work, not with its start, here as on this computer.
    if ($invocation['AsJob'] -and $command.Parameters.ContainsKey('Wait')) { $arguments.Wait = $true }
    $invocation.ScriptBlock = {
        param($Command, $Arguments)
        Import-Module -Name C2RBridge -ErrorAction Stop
        & $Command @Arguments
    }
    Invoke-Command @invocation -ArgumentList $command.Name, $arguments
}
