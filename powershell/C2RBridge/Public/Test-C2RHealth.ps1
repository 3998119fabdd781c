function Test-C2RHealth {
    <#
    .SYNOPSIS
        Checks everything that an update needs and says what to do about each fault.
    .DESCRIPTION
        Looks at the bridge, at Click-to-Run with its COM object, service and
        policies, and at Defender, and gives one object for each finding. Ok is
        true, false, or null where the check does not apply or could not be
        made; Recommendation says what to do. Changes nothing.
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
    [CmdletBinding()]
    [OutputType('C2RBridge.HealthCheck')]
    param()

    Invoke-BridgeRequest -Method 'bridge/doctor' -Each Checks -TypeName 'C2RBridge.HealthCheck'
}
