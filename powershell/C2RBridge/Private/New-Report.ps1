function New-Report {
    # Gathers one report of this computer. Each part stands for itself: what cannot be read becomes a problem, and one cause is
    # named once.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()

    $parts = @{}
    $unread = [ordered] @{}
    $noBridge = $null
    foreach ($name in 'Office', 'Status', 'Defender', 'Checks') {
        $parts[$name] = $null
        try {
            # A bridge that cannot be started, or a host that does not answer, costs its time once.
            if ($noBridge) { if ($name -ne 'Status') { $unread[$noBridge] = @($unread[$noBridge]) + $name }; continue }
            $parts[$name] = switch ($name) {
                'Office' { Get-C2RInstallation }
                'Status' { if ($parts.Office -and $parts.Office.Installed) { Get-C2RStatus } }
                'Defender' { Get-DefenderUpdateStatus }
                'Checks' { , @(Test-C2RHealth) }
            }
        } catch {
            $unread[$_.Exception.Message] = @($unread[$_.Exception.Message]) + $name
            if ($_.FullyQualifiedErrorId -match '^(BridgeStartFailed|BridgeNotFound|NodeNotFound|SshNotFound),') { $noBridge = $_.Exception.Message }
        }
    }
    $problems = [Collections.Generic.List[string]]::new()
    $faults = @($parts.Checks | Where-Object -FilterScript { $_ -and $_.Ok -eq $false })
    foreach ($cause in $unread.Keys) {
        $advice = @($faults | Where-Object -FilterScript { $_.Detail -eq $cause } | ForEach-Object -Process { $_.Recommendation })
        $what = @($unread[$cause] | Where-Object -FilterScript { $_ }) -join ', '
        $problems.Add("$what could not be read: $cause $advice".Trim())
    }
    foreach ($check in $faults) {
        if (-not $unread.Contains($check.Detail)) { $problems.Add("$($check.Detail) $($check.Recommendation)".Trim()) }
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
