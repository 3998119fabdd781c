function Invoke-OnComputer {
    # Runs the cmdlet that was called on other computers: same parameters, with the module that is installed there. The
    # remoting engine does the rest: it throttles, marks each result with PSComputerName, and continues where one host fails.
    # -Without names parameters that are for this side; -Failed is a list that is given the errors, too.
    param([string[]] $Without = @(), [Collections.Generic.List[Management.Automation.ErrorRecord]] $Failed)

    $bound = $PSCmdlet.MyInvocation.BoundParameters
    $isJob = $bound.ContainsKey('AsJob')
    $invocation = @{ ArgumentList = (Get-CommandName), (Get-ForwardedParameter -Without $Without), $isJob }
    foreach ($name in 'ComputerName', 'Session', 'ThrottleLimit', 'AsJob') {
        if ($bound.ContainsKey($name)) { $invocation[$name] = $bound[$name] }
    }
    $invocation.ScriptBlock = {
        param($Command, $Arguments, $IsJob)
        try {
            Import-Module -Name C2RBridge -ErrorAction Stop
            & $Command @Arguments
        } catch {
            # The errors of a job reach the user without passing by here again.
            if ($IsJob) {
                $details = [Management.Automation.ErrorDetails]::new("[$([Environment]::MachineName)] $_")
                if ($_.ErrorDetails) { $details.RecommendedAction = $_.ErrorDetails.RecommendedAction }
                $_.ErrorDetails = $details
            }
            throw $_
        }
    }
    # Errors of one host are not the end of the command, unless the user says so.
    $ErrorActionPreference = if ($bound.ContainsKey('ErrorAction')) { $bound.ErrorAction } else { 'Continue' }
    if ($isJob) { return Invoke-Command @invocation }
    Invoke-Command @invocation -ErrorAction Continue 2>&1 | ForEach-Object -Process {
        if ($_ -isnot [Management.Automation.ErrorRecord]) { return $_ }
        $record = Add-ErrorOrigin -Record $_
        if ($null -ne $Failed) { $Failed.Add($record) }
        $PSCmdlet.WriteError($record)
    }
}
