function Test-Report {
    # Whether this is a report, made by whichever version of the module, and perhaps kept as JSON meanwhile.
    param([psobject] $Report)

    foreach ($name in 'ComputerName', 'GeneratedAt', 'Backend', 'Version', 'Office', 'Status', 'Defender', 'Checks', 'Problems') {
        if (-not $Report.PSObject.Properties[$name]) { return $false }
    }
    return $null -eq $Report.GeneratedAt -or $Report.GeneratedAt -as [datetime]
}
