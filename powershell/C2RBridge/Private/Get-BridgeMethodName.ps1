function Get-BridgeMethodName {
    # Lists the methods of the bridge from the OpenRPC document that lies beside it, but for those that are the module's own;
    # nothing where there is no document.
    $bridge = if (Test-BridgeAlive) { $script:Connection.Program.Path } else { (Find-BridgeProgram -Settings $script:Settings).Path }
    $document = [IO.Path]::Combine([IO.Path]::GetDirectoryName($bridge), 'openrpc.json')
    if (-not [IO.File]::Exists($document)) { return }
    (ConvertFrom-BridgeJson -Json ([IO.File]::ReadAllText($document))).methods | ForEach-Object -Process { $_.name } | Where-Object -FilterScript { $script:SessionMethods -cnotcontains $_ }
}
