function Get-DefenderUpdateStatus {
    <#
    .SYNOPSIS
        Shows how old the signatures of Microsoft Defender Antivirus are and whether an update is due.
    .DESCRIPTION
        Shows the versions of Defender's product, engine and signatures with
        their ages in days, what Defender itself calls due, its status flags,
        and whether it is at work: RunningMode is normal, passive, disabled or
        notRunning. Conditions says what may keep Defender off: a policy,
        another antivirus, passive mode, a disabled service. While the service
        does not answer there are no versions, and nothing is said to be due.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Get-DefenderUpdateStatus

        Shows the state of this device.
    .EXAMPLE
        if ((Get-DefenderUpdateStatus).AntivirusSignatureDue) { Invoke-DefenderUpdate }

        Updates only where Defender says that it is due.
    .EXAMPLE
        (Get-DefenderUpdateStatus).AntivirusSignatureAgeDays -gt 3

        Finds out whether the signatures are older than three days.
    .OUTPUTS
        C2RBridge.DefenderUpdateStatus
    .LINK
        Invoke-DefenderUpdate
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.DefenderUpdateStatus')]
    param(
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Invoke-BridgeRequest -Method 'defender/status' -TypeName 'C2RBridge.DefenderUpdateStatus'
}
