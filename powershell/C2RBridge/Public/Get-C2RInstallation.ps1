function Get-C2RInstallation {
    <#
    .SYNOPSIS
        Shows which Office Click-to-Run has installed and what decides about its updates.
    .DESCRIPTION
        Shows version, channel, platform, products and languages; the update
        source together with the rule that decided it (UpdateSource.Rule); who
        manages the updates, with the evidence (Manager), and settings that
        contradict each other (Conflicts); what holds the device at a version
        (TargetVersion); whether updates are enabled; whether updates can be driven through COM,
        which this module needs (ComManagement); a version that was downloaded
        and waits to be applied (StagedVersion); Click-to-Run's own last error
        (LastError); whether Windows waits for a restart (RestartPending); and
        the times of the last update in UTC (LastUpdate). Installed is false
        where there is no Click-to-Run, or only a rest of it (Leftover).
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1.
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
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    Invoke-BridgeRequest -Method 'c2r/installation' -TypeName 'C2RBridge.Installation'
}
