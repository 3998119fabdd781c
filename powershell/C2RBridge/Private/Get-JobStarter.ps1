function Get-JobStarter {
    # Gives the command that starts a background job: a thread of this process where PowerShell knows such jobs. Start-Job starts
    # a whole PowerShell, which takes longer and which a hosted one cannot.
    $thread = $ExecutionContext.InvokeCommand.GetCommand('Start-ThreadJob', 'Cmdlet')
    if ($thread) { return $thread }
    return $ExecutionContext.InvokeCommand.GetCommand('Start-Job', 'Cmdlet')
}
