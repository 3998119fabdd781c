function New-RemediationResult {
    # What Invoke-C2RRemediation gives. The text is one line of ASCII, of which Intune keeps 2,048 characters.
    param([string] $Name, [ValidateSet('Compliant', 'NonCompliant', 'Unknown')] [string] $Compliance, [int] $ExitCode, [string] $Text)

    $line = ($Text -replace '[^\x20-\x7e]+', ' ').Trim()
    if ($line.Length -gt 2048) { $line = $line.Substring(0, 2045) + '...' }
    return [pscustomobject] @{
        PSTypeName = 'C2RBridge.RemediationResult'
        Name       = $Name
        Compliance = $Compliance
        ExitCode   = $ExitCode
        Text       = $line
    }
}
