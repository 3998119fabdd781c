function ConvertTo-FleetSummary {
    # Gives the first screen for several computers: totals, two charts, and a table that is sorted worst first. Each of -Row has
    # the Report, its State and Age, and the Anchor of its section.
    param([object[]] $Row)

    $encode = { param($Value) [Net.WebUtility]::HtmlEncode("$Value") }
    $parts = [Collections.Generic.List[string]]::new()
    $parts.Add('<ul class="totals">')
    foreach ($word in 'Failing', 'Not reached', 'Waiting', 'Up to date') {
        $count = @($Row | Where-Object -FilterScript { $_.State.Word -ceq $word }).Count
        $class = @{ Failing = 'bad'; 'Not reached' = 'none'; Waiting = 'wait'; 'Up to date' = 'good' }[$word]
        $parts.Add("<li class=""$class""><b>$count</b> $($word.ToLowerInvariant())</li>")
    }
    $parts.Add('</ul><div class="charts">')

    $versions = [ordered] @{}
    $groups = $Row | Group-Object -Property { $version = Get-ReportValue -Report $_.Report -Path Office.Version; if ($version) { $version } else { 'no Office known' } } -NoElement |
        Sort-Object -Property Count -Descending
    foreach ($group in $groups | Select-Object -First 8) { $versions[$group.Name] = $group.Count }
    $rest = 0
    foreach ($group in $groups | Select-Object -Skip 8) { $rest += $group.Count }
    if ($rest) { $versions['other versions'] = $rest }
    $parts.Add((ConvertTo-BarChart -Title 'Computers by Office version' -Bars $versions))
    $ages = [ordered] @{ 'today or yesterday' = 0; '2 to 3 days' = 0; '4 to 7 days' = 0; '8 to 30 days' = 0; 'over 30 days' = 0; 'unknown or never' = 0 }
    foreach ($each in $Row) {
        $days = $each.Age.Days
        $name = if ($null -eq $days) { 'unknown or never' } elseif ($days -le 1) { 'today or yesterday' } elseif ($days -le 3) { '2 to 3 days' }
        elseif ($days -le 7) { '4 to 7 days' } elseif ($days -le 30) { '8 to 30 days' } else { 'over 30 days' }
        $ages[$name]++
    }
    $parts.Add((ConvertTo-BarChart -Title 'Computers by age of the antivirus signatures' -Bars $ages))
    $parts.Add('</div><h2>Computers</h2><div class="wide" role="region" aria-label="Computers" tabindex="0"><table><thead><tr><th scope="col">Computer</th><th scope="col">State</th>' +
        '<th scope="col">Office</th><th scope="col">Channel</th><th scope="col">Signatures</th><th scope="col">First problem</th></tr></thead><tbody>')
    foreach ($each in $Row) {
        $channel = Get-ReportValue -Report $each.Report -Path Office.Channel
        $problem = ConvertTo-ReportText -Text ($each.Report.Problems | Select-Object -First 1)
        if ($problem.Length -gt 120) { $problem = $problem.Substring(0, 119) + [char] 0x2026 }
        $parts.Add("<tr><th scope=""row""><a href=""#$($each.Anchor)"">$(& $encode $each.Report.ComputerName)</a></th><td class=""$($each.State.Class)"">$($each.State.Word)</td>" +
            "<td class=""v"">$(& $encode (Get-ReportValue -Report $each.Report -Path Office.Version))</td><td>$(& $encode (ConvertTo-ReportWord -Name $channel))</td>" +
            "<td class=""v"">$($each.Age.Words)</td><td>$(& $encode $problem)</td></tr>")
    }
    $parts.Add('</tbody></table></div>')
    return $parts -join "`n"
}
