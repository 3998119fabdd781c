# Each preference, and the common parameter that sets it for one command.
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
    if ($null -ne $bound['ErrorAction']) { Set-CmdletVariable -Name ErrorActionPreference -Value Stop -Scope $Scope }
    $own = $ExecutionContext.SessionState.PSVariable
    $callers = $PSCmdlet.SessionState.PSVariable
    foreach ($name in $script:Preferences.Keys) {
        $variable = $callers.Get($name)
        # Mostly both are the global one.
        if ($null -eq $variable -or $variable -eq $own.Get($name) -or $null -ne $bound[$script:Preferences[$name]]) { continue }
        Set-CmdletVariable -Name $name -Value $variable.Value -Scope $Scope
    }
}
