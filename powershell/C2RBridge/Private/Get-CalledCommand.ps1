function Get-CalledCommand {
    # Gives the cmdlet that the user called: that of `$PSCmdlet`, save in Set-DesiredState and Test-DesiredState, which are
    # given theirs as -CalledCmdlet.
    $called = Get-Variable -Name CalledCmdlet -ValueOnly -ErrorAction Ignore
    if ($called -isnot [Management.Automation.PSCmdlet]) { $called = $PSCmdlet }
    return $called.MyInvocation.MyCommand
}
