function Test-C2RHealth {
    <#
    .SYNOPSIS
        Checks everything an update needs and says how to fix each fault.
    .DESCRIPTION
        Checks the bridge, Click-to-Run with its COM object, service and
        policies, and Defender, and returns one object for each finding. Ok is
        true, false, or null if the check does not apply or could not be made.
        Recommendation says what to do. Nothing is changed.
    .PARAMETER ComputerName
        Runs the command on other computers, through PowerShell remoting. The
        module must be installed there. Results carry PSComputerName. An error
        names its computer and does not end the command: the other computers
        still answer. Use -ErrorAction Stop to end it at the first error.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1. Errors are those of -ComputerName.
    .PARAMETER ThrottleLimit
        How many computers are asked at the same time; 32 when absent.
    .EXAMPLE
        Test-C2RHealth

        Shows all findings.
    .EXAMPLE
        Test-C2RHealth | Where-Object Ok -EQ $false | Select-Object Id, Recommendation

        Shows only what is wrong, and what to do about it.
    .EXAMPLE
        if ((Test-C2RHealth).Ok -contains $false) { exit 1 }

        Ends a detection script with exit code 1 if anything is wrong.
    .OUTPUTS
        C2RBridge.HealthCheck
    .LINK
        Get-C2RBridge
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.HealthCheck')]
    param(
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    foreach ($check in Invoke-BridgeRequest -Method 'bridge/doctor' -Each Checks -TypeName 'C2RBridge.HealthCheck') {
        foreach ($name in 'Detail', 'Recommendation') { if ($check.$name) { $check.$name = ConvertTo-CmdletAdvice -Text $check.$name } }
        $check
    }
}
