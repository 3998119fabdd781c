function Assert-BridgeHash {
    # Refuses to start a bridge that is not the one that the module was packaged with. What the bridge loads later it checks
    # itself, by hashes that are part of it.
    param([string] $Path)

    $algorithm = [Security.Cryptography.SHA256]::Create()
    $hash = [BitConverter]::ToString($algorithm.ComputeHash([IO.File]::ReadAllBytes($Path))).Replace('-', '')
    $algorithm.Dispose()
    if ($hash -ne $script:BridgeHash) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId BridgeChanged -Category SecurityError -TargetObject $Path `
                    -Message "'$Path' is not the file that the module was made with; the bridge is not started." `
                    -RecommendedAction 'Find out who changed it, then install the module again.'))
    }
}
