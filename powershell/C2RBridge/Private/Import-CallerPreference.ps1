$script:Preferences = @{
    WhatIfPreference   = 'WhatIf'
    ConfirmPreference  = 'Confirm'
    VerbosePreference  = 'Verbose'
    WarningPreference  = 'WarningAction'
    ProgressPreference = 'ProgressAction'
}

function Import-CallerPreference {
    # Gives the cmdlet that was called the preferences of its caller. A module sees only the global ones by itself, so that
    # Invoke-C2RApply, called by a function that was run with -WhatIf, would apply. -Scope counts from here to the cmdlet.
    param($Scope = 1)

    $bound = $PSCmdlet.MyInvocation.BoundParameters
    # With -ErrorAction Continue or less PowerShell would continue after a statement that failed, such as a prompt that
    # cannot be shown, and do what was not agreed to. Our errors end the cmdlet whatever it says.
    if ($bound.ContainsKey('ErrorAction')) { & (Get-UtilityCommand -Name Set-Variable) -Name ErrorActionPreference -Value Stop -Scope $Scope -WhatIf:$false -Confirm:$false }
    foreach ($name in $script:Preferences.Keys) {
        if ($bound.ContainsKey($script:Preferences[$name])) { continue }
        $value = $PSCmdlet.SessionState.PSVariable.GetValue($name)
        if ($null -ne $value -and $value -ne $ExecutionContext.SessionState.PSVariable.GetValue($name)) {
            & (Get-UtilityCommand -Name Set-Variable) -Name $name -Value $value -Scope $Scope -WhatIf:$false -Confirm:$false
        }
    }
}
