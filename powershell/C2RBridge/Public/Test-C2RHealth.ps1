function Test-C2RHealth {
    <#
    .SYNOPSIS
        Checks everything that an update needs and says what to do about each fault.
    .DESCRIPTION
        Looks at the bridge, at Click-to-Run with its COM object, service and
        policies, and at Defender, and gives one object for each finding. Ok is
        true, false, or null where the check does not apply or could not be
        made; Recommendation says what to do. Changes nothing.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Test-C2RHealth

        Shows all findings.
    .EXAMPLE
        Test-C2RHealth | Where-Object Ok -EQ $false | Select-Object Id, Recommendation

        Shows only what is wrong, and what to do about it.
    .EXAMPLE
        if ((Test-C2RHealth).Ok -contains $false) { exit 1 }

        Ends a detection script with 1 where anything is wrong.
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
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    if ($ComputerName -or $Session) { return Invoke-OnComputer }
    foreach ($check in Invoke-BridgeRequest -Method 'bridge/doctor' -Each Checks -TypeName 'C2RBridge.HealthCheck') {
        if ($check.Recommendation) { $check.Recommendation = ConvertTo-CmdletAdvice -Text $check.Recommendation }
        $check
    }
}
