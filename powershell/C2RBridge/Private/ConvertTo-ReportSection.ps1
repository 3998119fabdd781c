function ConvertTo-ReportSection {
    # Gives the part of the page for one computer. -Brief leaves out what is in order, for pages of many.
    param($Report, $State, $Age, [string] $Anchor, [switch] $Brief)

    $encode = { param($Value) [Net.WebUtility]::HtmlEncode("$Value") }
    $facts = {
        param($Title, $Pairs)
        $rows = foreach ($pair in $Pairs.GetEnumerator()) {
            if ("$($pair.Value)".Trim()) { "<tr><th scope=""row"">$(& $encode $pair.Key)</th><td>$(& $encode $pair.Value)</td></tr>" }
        }
        if ($rows) { "<h3>$Title</h3><table><tbody>$($rows -join '')</tbody></table>" }
    }
    $list = {
        param($Title, $Items)
        # Its tables have no attributes, which is all that the style sheet asks for.
        if (@($Items).Count -gt 0) { "<h3>$Title</h3>" + (@($Items | ConvertTo-Html -Fragment) -notmatch '^<col' -join '') }
    }
    $parts = [Collections.Generic.List[string]]::new()
    $parts.Add("<section id=""$Anchor""><h2>$(& $encode $Report.ComputerName) <span class=""$($State.Class)"">$($State.Word)</span></h2>")
    $note = "Made $(Format-ReportTime -Time $Report.GeneratedAt) UTC by C2RBridge $($Report.Version)."
    if ($Report.Backend -eq 'simulated') { $note += ' Windows was simulated: this says nothing about the computer.' }
    $parts.Add("<p class=""note"">$(& $encode $note)</p>")
    $problems = @($Report.Problems | Where-Object -FilterScript { $_ } | Select-Object -Unique)
    if ($problems.Count -gt 0) {
        $parts.Add("<h3>Problems</h3><ul>$(@($problems | ForEach-Object -Process { "<li>$(& $encode (ConvertTo-ReportText -Text $_))</li>" }) -join '')</ul>")
    }
    if ($Report.Office) {
        $rule = Get-ReportValue -Report $Report -Path Office.UpdateSource.Rule
        $status = Get-ReportValue -Report $Report -Path Status.Status
        $held = Get-ReportValue -Report $Report -Path Office.TargetVersion.Version
        $lastError = "$(Get-ReportValue -Report $Report -Path Office.LastError.Code) $(Get-ReportValue -Report $Report -Path Office.LastError.Text)".Trim()
        $restart = @(Get-ReportValue -Report $Report -Path Office.RestartPending | Where-Object -FilterScript { $_ }).Count -gt 0
        $parts.Add((& $facts Office ([ordered] @{
                        'Version'                   = if ($Report.Office.Installed) { $Report.Office.Version } else { 'Click-to-Run is not installed' }
                        'Channel'                   = ConvertTo-ReportWord -Name $Report.Office.Channel
                        'Downloaded, to be applied' = $Report.Office.StagedVersion
                        'Last action'               = ConvertTo-ReportWord -Name $status
                        'Managed by'                = ConvertTo-ReportWord -Name (Get-ReportValue -Report $Report -Path Office.Manager.Name)
                        'Held at version'           = $held
                        'Last error'                = $lastError
                        'Windows needs a restart'   = if ($restart) { 'yes' }
                        'Products'                  = if (-not $Brief) { @($Report.Office.Products) -join ', ' }
                        'Updates come from'         = if (-not $Brief) { Get-ReportValue -Report $Report -Path Office.UpdateSource.Value }
                        'Decided by'                = if (-not $Brief) { ConvertTo-ReportWord -Name $rule }
                        'Managed updates'           = if ($Brief -or -not $Report.Office.Installed) { '' } elseif (Get-ReportValue -Report $Report -Path Office.ComManagement.Enabled) { 'on' } else { 'off' }
                    })))
    }
    if ($Report.Defender) {
        $pairs = [ordered] @{ 'Mode' = ConvertTo-ReportWord -Name $Report.Defender.RunningMode }
        $versions = Get-ReportValue -Report $Report -Path Defender.Versions
        if ($versions) {
            foreach ($component in $versions.PSObject.Properties) {
                if ($Brief -and $component.Name -ne 'AntivirusSignature') { continue }
                $since = if ($component.Name -eq 'AntivirusSignature') { "($($Age.Words))" } else { $time = Format-ReportTime -Time (Get-ReportValue -Report $component.Value -Path UpdatedAt); if ($time) { "(since $time UTC)" } }
                $pairs[(ConvertTo-ReportWord -Name $component.Name)] = "$(Get-ReportValue -Report $component.Value -Path Version) $since"
            }
        }
        $parts.Add((& $facts Defender $pairs))
    }
    if (-not $Brief) {
        $parts.Add((& $list History @($Report.History | ForEach-Object -Process { [pscustomobject] [ordered] @{ 'Time (UTC)' = Format-ReportTime -Time $_.At; Event = (($_.Event -split ': ' | ForEach-Object -Process { ConvertTo-ReportWord -Name $_ }) -join ': '); Detail = $_.Detail } })))
        $parts.Add((& $list Checks @($Report.Checks | ForEach-Object -Process {
                        $word = if ($null -eq $_.Ok) { 'not checked' } elseif ($_.Ok) { 'in order' } else { 'not in order' }
                        # What is wrong stands under Problems already.
                        [pscustomobject] [ordered] @{ Check = ConvertTo-ReportWord -Name $_.Id; Result = $word; Detail = if ($_.Ok -eq $false) { 'See Problems.' } else { ConvertTo-ReportText -Text $_.Detail } }
                    })))
    }
    $parts.Add('</section>')
    return ($parts | Where-Object -FilterScript { $_ }) -join ''
}
