function Disconnect-C2RBridge {
    <#
    .SYNOPSIS
        Ends the bridge of this session and resets its settings.
    .DESCRIPTION
        Ends the bridge's process and waits until it has exited. A download or
        update that Windows is carrying out continues without the bridge.
        Nothing happens if the bridge is not running. The bridge also ends when
        the PowerShell session ends.
    .EXAMPLE
        Disconnect-C2RBridge

        Ends the bridge; the next cmdlet starts a new one with default settings.
    .LINK
        Connect-C2RBridge
    #>
    [CmdletBinding()]
    param()

    Stop-Bridge
    $script:Settings = @{}
}
