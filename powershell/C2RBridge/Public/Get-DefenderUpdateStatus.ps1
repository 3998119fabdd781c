function Get-DefenderUpdateStatus {
    <#
    .SYNOPSIS
        Shows the age of the Defender signatures and whether they are due.
    .DESCRIPTION
        Shows the versions of Defender's platform, engine and signatures and
        their ages in days, which updates Defender considers due, its status
        flags, and how it runs: RunningMode is normal, passive, edrBlock,
        sideBySidePassive, disabled or notRunning, with RunningModeConfidence
        and RunningModeReason, because no documented call of Windows tells it.
        SignatureAge says whether the antivirus signatures are current, tooOld,
        never (updated) or clockAhead (newer than this device's clock).
        UpdateSettings shows the configured order of sources, file shares, WSUS
        and the Windows Update service, and any contradictions among them.
        Conditions says what may keep Defender inactive: another antivirus
        product, passive mode, a disabled service, or a policy. If the service
        does not answer, versions and due updates are unknown.
    .PARAMETER MaxAgeHours
        How old the antivirus signatures may be before SignatureAge calls them
        too old; a week when absent.
    .PARAMETER ComputerName
        Runs the command on other computers, through PowerShell remoting. The
        module must be installed there. Results carry PSComputerName. An error
        names its computer and does not end the command: the other computers
        still answer. Use -ErrorAction Stop to end it at the first error.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1. Errors are those of -ComputerName.
    .PARAMETER ThrottleLimit
        How many computers are asked at the same time; 32 when absent.
    .EXAMPLE
        Get-DefenderUpdateStatus

        Shows the state of this device.
    .EXAMPLE
        if ((Get-DefenderUpdateStatus).AntivirusSignatureDue) { Invoke-DefenderUpdate }

        Updates only if Defender says that an update is due.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    $request = @{
        Method     = 'defender/status'
        Parameters = @{ maxAgeHours = $MaxAgeHours }
        TypeName   = 'C2RBridge.DefenderUpdateStatus'
    }
    Invoke-BridgeRequest @request
}
