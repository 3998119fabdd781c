$script:HasWarnedOfSimulation = $false

function Write-SimulationWarning {
    # Says once in a session that the bridge in use only simulates Windows.
    if ($script:Connection.Info.backend -ne 'simulated' -or $script:HasWarnedOfSimulation) { return }
    $script:HasWarnedOfSimulation = $true
    $PSCmdlet.WriteWarning('The simulated backend answers: nothing on this machine is read or changed.')
}
