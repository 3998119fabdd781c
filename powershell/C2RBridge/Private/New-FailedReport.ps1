function New-FailedReport {
    # Gives the report of a computer that could not be asked, from the error that says why.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Management.Automation.ErrorRecord] $Record)

    $name = if ($Record.PSObject.Properties['OriginInfo'] -and $Record.OriginInfo) { $Record.OriginInfo.PSComputerName }
    # A session that has ended.
    elseif ($Record.TargetObject -is [Management.Automation.Runspaces.PSSession]) { $Record.TargetObject.ComputerName }
    else { "$($Record.TargetObject)" }
    New-TypedObject -TypeName C2RBridge.Report -Members ([ordered] @{
            ComputerName = $name
            GeneratedAt  = [datetime]::UtcNow
            Backend      = $null
            Version      = $ExecutionContext.SessionState.Module.Version.ToString()
            Office       = $null
            Status       = $null
            Defender     = $null
            History      = @()
            Checks       = @()
            Problems     = @("$Record")
        })
}
