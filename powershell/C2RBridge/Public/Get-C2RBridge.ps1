function Get-C2RBridge {
    <#
    .SYNOPSIS
        Shows the bridge that serves this session.
    .DESCRIPTION
        Shows the process, the version and the backend of the bridge. Gives
        nothing when no bridge runs; it does not start one.
    .EXAMPLE
        Get-C2RBridge

        Shows whether real Windows or the simulation answers, and with which
        Node.
    .OUTPUTS
        C2RBridge.Bridge
    .LINK
        Connect-C2RBridge
    #>
    [CmdletBinding()]
    [OutputType('C2RBridge.Bridge')]
    param()

    if (-not (Test-BridgeAlive)) { return }
    $info = $script:Connection.Info
    [pscustomobject] @{
        PSTypeName      = 'C2RBridge.Bridge'
        ProcessId       = $script:Connection.Process.Id
        Backend         = $info.backend
        Version         = $info.server.version
        NodeVersion     = $info.process.node
        Architecture    = $info.process.arch
        Elevated        = $info.process.elevated
        ProtocolVersion = $info.protocolVersion
        Path            = $script:Connection.Program.Path
        NodePath        = $script:Connection.Program.NodePath
    }
}
