function Add-ErrorOrigin {
    # Lets an error that came from another computer say which one, and gives its exception the Data that it had over there.
    param([Management.Automation.ErrorRecord] $Record)

    $origin = if ($Record.PSObject.Properties['OriginInfo'] -and $Record.OriginInfo) { $Record.OriginInfo.PSComputerName }
    # PowerShell's own errors about a connection begin with the name.
    if ($origin -and -not "$Record".StartsWith("[$origin]", [StringComparison]::OrdinalIgnoreCase)) {
        $details = [Management.Automation.ErrorDetails]::new("[$origin] $Record")
        if ($Record.ErrorDetails) { $details.RecommendedAction = $Record.ErrorDetails.RecommendedAction }
        $Record.ErrorDetails = $details
    }
    foreach ($entry in $Record.Details.GetEnumerator()) { $Record.Exception.Data[$entry.Key] = $entry.Value }
    return $Record
}
