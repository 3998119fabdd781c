function Get-DefenderUpdateStatus {
    <#
    .SYNOPSIS
        Shows how old the signatures of Microsoft Defender Antivirus are and whether an update is due.
    .DESCRIPTION
        Shows the versions of Defender's product, engine and signatures with
        their ages in days, what Defender itself calls due, its status flags,
        and how it runs: RunningMode is normal, passive, edrBlock,
        sideBySidePassive, disabled or notRunning, with RunningModeConfidence
        and RunningModeReason, since Windows has no documented call that tells
        it. SignatureAge says whether the antivirus signatures are current,
        tooOld, never (updated) or clockAhead (updated ahead of this device's
        clock). UpdateSettings shows the configured order of sources, file
        shares, WSUS and the Windows Update service, and what contradicts
        itself in them. Conditions says what may keep Defender off: another
        antivirus, passive mode, a disabled service, a policy. While the
        service does not answer there are no versions, and nothing is said to
        be due.
    .PARAMETER MaxAgeHours
        How old the antivirus signatures may be before SignatureAge calls them
        too old; a week where it is not given.
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
        (Get-DefenderUpdateStatus -MaxAgeHours 72).SignatureAge.State -ne 'current'

        Finds out whether the signatures are older than three days, were never
        updated, or lie ahead of the clock.
    .EXAMPLE
        (Get-DefenderUpdateStatus).UpdateSettings

        Shows where this device takes its signatures from, and which source
        delivered last in this session.
    .OUTPUTS
        C2RBridge.DefenderUpdateStatus
    .LINK
        Invoke-DefenderUpdate
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.DefenderUpdateStatus')]
    param(
        [ValidateRange(1, 8760)]
        [int] $MaxAgeHours = 168,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    $request = @{
        Method     = 'defender/status'
        Parameters = @{ maxAgeHours = $MaxAgeHours }
        TypeName   = 'C2RBridge.DefenderUpdateStatus'
    }
    Invoke-BridgeRequest @request
}
