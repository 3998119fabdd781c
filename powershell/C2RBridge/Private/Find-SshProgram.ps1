function Find-SshProgram {
    # Gives what starts a bridge on another computer, whose stdin and stdout ssh carries: the same parts as
    # Find-BridgeProgram gives. NodePath and BridgePath are paths over there.
    param($Settings)

    $candidates = @(if (Test-OnWindows) {
            # A 32-bit process finds the programs of System32 under this name only.
            foreach ($folder in 'Sysnative', 'System32') { [IO.Path]::Combine((Split-Path -Parent ([Environment]::SystemDirectory)), $folder, 'OpenSSH', 'ssh.exe') }
        } else {
            foreach ($folder in "$env:PATH".Split([IO.Path]::PathSeparator)) { if ([IO.Path]::IsPathRooted($folder)) { [IO.Path]::Combine($folder, 'ssh') } }
        })
    $ssh = $candidates | Where-Object { [IO.File]::Exists($_) } | Select-Object -First 1
    if (-not $ssh) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId SshNotFound -Category ObjectNotFound -TargetObject ssh `
                    -Message 'ssh is not installed on this computer.' -RecommendedAction 'Install the OpenSSH client of Windows.'))
    }
    $path = "$($Settings['BridgePath'])"
    $node = if ($Settings['NodePath']) { $Settings['NodePath'] } else { 'node' }
    foreach ($text in $node, $path) {
        # Between double quotes cmd and sh each read some of these in their own way, so that no quoting fits both.
        if ($text -match '["`$%!\\]\s*$|["`$%!''\r\n]') {
            $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidRemotePath -Category InvalidArgument -TargetObject $text `
                        -Message "'$text' contains characters that cannot be quoted for every remote shell." `
                        -RecommendedAction 'Use a path without quotes, $, %, ! and backticks.'))
        }
    }
    # In front of a quoted program PowerShell, which Windows' sshd may have as its shell, wants an &, which the others do not take.
    $program = if ($node -match '^[\w./:-]+\z') { $node } else { """$node""" }
    $remote = "$program -e ""$(Get-SshLauncher -Path $path)"" -- --stdio"
    if ($Settings['Backend']) { $remote += " --backend $($Settings['Backend'].ToLowerInvariant())" }
    if ($Settings['LogLevel']) { $remote += " --log-level $($Settings['LogLevel'].ToLowerInvariant())" }
    # No questions, which nobody would see, and no terminal, which would change bytes.
    $arguments = @('-T', '-o', 'BatchMode=yes')
    if ($Settings['SshOption']) { foreach ($option in $Settings['SshOption']) { $arguments += '-o', $option } }
    return @{ NodePath = $ssh; Path = "$($Settings.SshHost):$path".TrimEnd(':'); Arguments = $arguments + @('--', $Settings.SshHost, $remote) }
}
