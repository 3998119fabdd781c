$script:HasWarnedOfSimulation = $false

function Write-SimulationWarning {
    # Says once in a session that the bridge in use only simulates Windows. content/* is the same on every backend, and real.
    param([string] $Method)

    if ($script:HasWarnedOfSimulation -or $script:Connection['Info'].backend -ne 'simulated' -or $Method.StartsWith('content/', [StringComparison]::Ordinal)) { return }
    $script:HasWarnedOfSimulation = $true
    $PSCmdlet.WriteWarning('The simulated backend answers: nothing on this machine is read or changed.')
}
