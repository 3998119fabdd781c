function Get-C2RBridge {
    <#
    .SYNOPSIS
        Shows the bridge that serves this session.
    .DESCRIPTION
        Shows the process, version and backend of the bridge. Returns nothing if
        the bridge is not running; it is not started.
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

    if (-not (Test-BridgeAlive) -or $null -eq $script:Connection.Info) { return }
    $info = $script:Connection.Info
    New-TypedObject -TypeName C2RBridge.Bridge -Members ([ordered] @{
            ProcessId       = $script:Connection.Process.Id
            Backend         = $info.backend
            Version         = $info.server.version
            NodeVersion     = $info.process.node
            Architecture    = $info.process.arch
            Elevated        = $info.process.elevated
            ProtocolVersion = $info.protocolVersion
            Path            = $script:Connection.Program.Path
            NodePath        = $script:Connection.Program.NodePath
        })
}
