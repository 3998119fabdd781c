function Assert-BridgeHash {
    # Refuses to start a bridge whose files are not those that the module was packaged with.
    param([string] $Folder)

    $algorithm = [Security.Cryptography.SHA256]::Create()
    try {
        foreach ($name in $script:BridgeHashes.Keys) {
            $path = [IO.Path]::Combine($Folder, $name)
            $hash = if ([IO.File]::Exists($path)) {
                [BitConverter]::ToString($algorithm.ComputeHash([IO.File]::ReadAllBytes($path))).Replace('-', '')
            }
            if ($hash -ne $script:BridgeHashes[$name]) {
                $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId BridgeChanged -Category SecurityError -TargetObject $path `
                            -Message "'$path' is missing or is not the file that the module was made with; the bridge is not started." `
                            -RecommendedAction 'Find out who changed it, then install the module again.'))
            }
        }
    } finally {
        $algorithm.Dispose()
    }
}
