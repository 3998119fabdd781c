function Get-BridgeMethodName {
    # Lists the methods of the bridge from the OpenRPC document that lies beside it; nothing where there is none.
    $bridge = if (Test-BridgeAlive) { $script:Connection.Program.Path } else { (Find-BridgeProgram -Settings $script:Settings).Path }
    $document = [IO.Path]::Combine([IO.Path]::GetDirectoryName($bridge), 'openrpc.json')
    if (-not [IO.File]::Exists($document)) { return }
    (ConvertFrom-BridgeJson -Json ([IO.File]::ReadAllText($document))).methods | ForEach-Object -MemberName name
}
