function Set-CmdletVariable {
    # Sets a variable in the scope of the cmdlet that was called. -Scope counts from the function that calls this one.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name, $Value, $Scope)

    & (Get-UtilityCommand -Name Set-Variable) -Name $Name -Value $Value -Scope ($Scope + 1) -WhatIf:$false -Confirm:$false
}
