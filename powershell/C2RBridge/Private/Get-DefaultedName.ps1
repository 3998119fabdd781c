function Get-DefaultedName {
    # Those of -Name, parameters of the cmdlet that was called, whose value is from $PSDefaultParameterValues of the caller: they
    # were not meant for this call alone. https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_parameters_default_values
    param([string[]] $Name)

    $defaults = $PSCmdlet.SessionState.PSVariable.GetValue('PSDefaultParameterValues')
    if ($defaults -isnot [Collections.IDictionary]) { return }
    $bound = $PSCmdlet.MyInvocation.BoundParameters
    foreach ($each in $Name) {
        if (-not $bound.ContainsKey($each)) { continue }
        foreach ($entry in $defaults.GetEnumerator()) {
            $command, $parameter = "$($entry.Key)" -split ':', 2
            if ($PSCmdlet.MyInvocation.MyCommand.Name -notlike $command -or $each -notlike $parameter) { continue }
            # A script block may give another value each time.
            if ($entry.Value -is [scriptblock] -or "$($entry.Value)" -ceq "$($bound[$each])") { $each; break }
        }
    }
}
