# The settings of the last Connect-C2RBridge; every start of a bridge uses them.
$script:Settings = @{}

function Open-Bridge {
    # Makes sure that a bridge runs for a method of the cmdlet that was called. -Scope is for Import-CallerPreference.
    param([string] $Method, $Scope = 2)

    Import-CallerPreference -Scope $Scope
    if (-not (Test-BridgeAlive)) {
        # Takes away what is left of a bridge that died since the last command.
        if ($null -ne $script:Connection) { Stop-Bridge }
        Start-Bridge -Settings $script:Settings
    }
    # Get and Test only look, so that their request may go together with the greeting. What changes something first makes sure
    # who answers.
    if ('Get', 'Test' -notcontains $PSCmdlet.MyInvocation.MyCommand.Verb) { Confirm-Bridge }
    if ($null -ne $script:Connection['Info']) { Write-SimulationWarning -Method $Method }
}
