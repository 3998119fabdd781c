function New-Report {
    # Gathers one report of this computer. Each part stands for itself: what cannot be read becomes a problem.
    $problems = [Collections.Generic.List[string]]::new()
    $parts = @{}
    foreach ($name in 'Office', 'Status', 'Defender', 'Checks') {
        try {
            $parts[$name] = switch ($name) {
                'Office' { Get-C2RInstallation }
                'Status' { if ($parts.Office -and $parts.Office.Installed) { Get-C2RStatus } }
                'Defender' { Get-DefenderUpdateStatus }
                'Checks' { , @(Test-C2RHealth) }
            }
        } catch {
            $parts[$name] = $null
            $problems.Add("$name could not be read: $($_.Exception.Message)")
        }
    }
    foreach ($check in $parts.Checks) {
        if ($check.Ok -eq $false) { $problems.Add("$($check.Detail) $($check.Recommendation)".Trim()) }
    }
    $bridge = Get-C2RBridge
    New-TypedObject -TypeName C2RBridge.Report -Members ([ordered] @{
            ComputerName = [Environment]::MachineName
            GeneratedAt  = [datetime]::UtcNow
            Backend      = if ($bridge) { $bridge.Backend }
            Version      = $ExecutionContext.SessionState.Module.Version.ToString()
            Office       = $parts.Office
            Status       = $parts.Status
            Defender     = $parts.Defender
            History      = @(Get-ReportHistory -Office $parts.Office -Defender $parts.Defender)
            Checks       = @($parts.Checks | Where-Object { $_ })
            Problems     = $problems.ToArray()
        })
}
