function Get-ForwardedParameter {
    # Gives the parameters of the cmdlet that was called for running it elsewhere: in a job, or on another computer. Without
    # those that say where, and without questions: they were asked before. A job ends with the work, not with its start.
    param([string[]] $Without = @())

    $here = 'AsJob', 'ComputerName', 'Session', 'ThrottleLimit', 'WhatIf', 'Confirm', 'ErrorAction', 'ErrorVariable', 'WarningVariable',
    'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable'
    $bound = $PSCmdlet.MyInvocation.BoundParameters
    $known = $PSCmdlet.MyInvocation.MyCommand.Parameters
    $arguments = @{}
    foreach ($name in $bound.Keys) {
        if ($here -contains $name -or $Without -contains $name) { continue }
        $arguments[$name] = if ($bound[$name] -is [switch]) { [bool] $bound[$name] } else { $bound[$name] }
    }
    if ($known.ContainsKey('Confirm')) { $arguments.Confirm = $false }
    if ($bound.ContainsKey('AsJob') -and $known.ContainsKey('Wait')) { $arguments.Wait = $true }
    return $arguments
}
