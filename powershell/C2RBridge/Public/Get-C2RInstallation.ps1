function Get-C2RInstallation {
    <#
    .SYNOPSIS
        Shows the installed Office and what controls its updates.
    .DESCRIPTION
        Shows version, channel, platform, products and languages; the update
        source and the rule that selected it (UpdateSource.Rule); which tool
        manages the updates, with the evidence (Manager), and settings that
        contradict each other (Conflicts); what holds the device at a version
        (TargetVersion); whether updates are enabled; whether updates can be
        managed through COM, which this module requires (ComManagement); a
        version that was downloaded but not yet applied (StagedVersion);
        Click-to-Run's own last error (LastError); whether Windows needs a
        restart (RestartPending); and the times of the last update in UTC
        (LastUpdate). Installed is false if Click-to-Run is not installed, or
        only remains of it are (Leftover).
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
        Get-C2RInstallation

        Shows the installed Office.
    .EXAMPLE
        (Get-C2RInstallation).UpdateSource

        Shows where updates come from, and which setting or policy says so.
    .EXAMPLE
        (Get-C2RInstallation).Conflicts

        Shows settings that contradict each other, and what to do about them.
    .OUTPUTS
        C2RBridge.Installation
    .LINK
        Enable-C2RManagement
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.Installation')]
    param(
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Invoke-BridgeRequest -Method 'c2r/installation' -TypeName 'C2RBridge.Installation'
}
