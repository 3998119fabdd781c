function Disconnect-C2RBridge {
    <#
    .SYNOPSIS
        Ends the bridge of this session and forgets the settings of Connect-C2RBridge.
    .DESCRIPTION
        Ends the bridge's process and waits until it is gone. A download or
        update that Windows carries out goes on without the bridge. Nothing
        happens when no bridge runs. The bridge also ends by itself with the
        PowerShell session.
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
