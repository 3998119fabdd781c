function ConvertTo-ReportHtml {
    # Gives one page for the reports: no scripts, nothing from elsewhere, and nothing from a report that is not encoded.
    param([psobject[]] $Report)

    $encode = { param($Value) [Net.WebUtility]::HtmlEncode("$Value") }
    $time = { param($Value) if ($null -eq $Value) { '' } else { ([datetime] $Value).ToUniversalTime().ToString('yyyy-MM-dd HH:mm', [Globalization.CultureInfo]::InvariantCulture) } }
    $rows = {
        param($Pairs)
        foreach ($pair in $Pairs.GetEnumerator()) { "<tr><th scope=""row"">$(& $encode $pair.Key)</th><td>$(& $encode $pair.Value)</td></tr>" }
    }
    $parts = [Collections.Generic.List[string]]::new()
    $parts.Add(@'
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Office and Defender updates</title>
<style>
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #c62828; --none: #777; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc26a; --bad: #ff7b72; --none: #aaa; } }
body { font: 15px/1.45 "Segoe UI", system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 70rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin: 0; display: inline; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); }
th[scope=row] { width: 13rem; font-weight: 600; } details { border-top: 2px solid var(--line); padding: .8rem 0; } summary { cursor: pointer; }
.good { color: var(--good); } .bad { color: var(--bad); } .none { color: var(--none); } .note { color: var(--none); }
@media print { details > *:not(summary) { display: block; } }
</style>
</head>
<body>
<h1>Office and Defender updates</h1>
'@)
    $sorted = @($Report | Sort-Object -Property @{ Expression = { @($_.Problems).Count }; Descending = $true }, ComputerName)
    $troubled = @($sorted | Where-Object { @($_.Problems).Count -gt 0 }).Count
    $parts.Add("<p>Computers: $($sorted.Count), with problems: $troubled. Times are UTC.</p>")
    if ($sorted.Count -gt 1) {
        $parts.Add('<table><thead><tr><th scope="col">Computer</th><th scope="col">Office</th><th scope="col">Channel</th><th scope="col">Signatures</th><th scope="col">Problems</th></tr></thead><tbody>')
        foreach ($item in $sorted) {
            $office = if ($item.Office) { $item.Office.Version }
            $channel = if ($item.Office) { $item.Office.Channel }
            $signature = if ($item.Defender -and $item.Defender.Versions) { & $time $item.Defender.Versions.AntivirusSignature.UpdatedAt }
            $count = @($item.Problems).Count
            $class = if ($count -gt 0) { 'bad' } else { 'good' }
            $parts.Add("<tr><th scope=""row"">$(& $encode $item.ComputerName)</th><td>$(& $encode $office)</td><td>$(& $encode $channel)</td><td>$(& $encode $signature)</td><td class=""$class"">$count</td></tr>")
        }
        $parts.Add('</tbody></table>')
    }
    foreach ($item in $sorted) {
        $open = if ($sorted.Count -eq 1 -or @($item.Problems).Count -gt 0) { ' open' }
        $parts.Add("<details$open><summary><h2>$(& $encode $item.ComputerName)</h2></summary>")
        $note = "Made $(& $time $item.GeneratedAt) by C2RBridge $($item.Version)."
        if ($item.Backend -eq 'simulated') { $note += ' Windows was simulated: this says nothing about the computer.' }
        $parts.Add("<p class=""note"">$(& $encode $note)</p>")
        if (@($item.Problems).Count -gt 0) {
            $parts.Add('<h3>Problems</h3><ul>')
            foreach ($problem in $item.Problems) { $parts.Add("<li class=""bad"">$(& $encode $problem)</li>") }
            $parts.Add('</ul>')
        }
        if ($item.Office) {
            $facts = [ordered]@{
                Version                  = if ($item.Office.Installed) { $item.Office.Version } else { 'Click-to-Run is not installed' }
                Channel                  = $item.Office.Channel
                'Update source'          = "$($item.Office.UpdateSource.Value) ($($item.Office.UpdateSource.Rule))"
                'Managed by'             = $item.Office.Manager.Name
                'Held at version'        = if ($item.Office.TargetVersion.Rule) { "$($item.Office.TargetVersion.Version) ($($item.Office.TargetVersion.Rule))" }
                'Last error'             = if ($item.Office.LastError) { "$($item.Office.LastError.Code) $($item.Office.LastError.Text)".Trim() }
                'Restart pending'        = if (@($item.Office.RestartPending).Count -gt 0) { 'yes' } else { 'no' }
                Products                 = @($item.Office.Products) -join ', '
                'Waits to be applied'    = $item.Office.StagedVersion
                'Management through COM' = if ($item.Office.ComManagement.Enabled) { 'on' } else { 'off' }
                'Click-to-Run status'    = if ($item.Status) { $item.Status.Status }
            }
            $parts.Add("<h3>Office</h3><table><tbody>$((& $rows $facts) -join '')</tbody></table>")
        }
        if ($item.Defender) {
            $facts = [ordered]@{ 'Running mode' = $item.Defender.RunningMode }
            if ($item.Defender.Versions) {
                foreach ($component in $item.Defender.Versions.PSObject.Properties) {
                    $facts[$component.Name] = "$($component.Value.Version) $(& $time $component.Value.UpdatedAt)"
                }
            }
            $parts.Add("<h3>Defender</h3><table><tbody>$((& $rows $facts) -join '')</tbody></table>")
        }
        $parts.Add('<h3>History</h3><table><tbody>')
        foreach ($entry in $item.History) {
            $parts.Add("<tr><th scope=""row"">$(& $time $entry.At)</th><td>$(& $encode $entry.Event)</td><td>$(& $encode $entry.Detail)</td></tr>")
        }
        $parts.Add('</tbody></table><h3>Checks</h3><table><tbody>')
        foreach ($check in $item.Checks) {
            $class, $word = if ($null -eq $check.Ok) { 'none', 'not checked' } elseif ($check.Ok) { 'good', 'in order' } else { 'bad', 'not in order' }
            $parts.Add("<tr><th scope=""row"">$(& $encode $check.Id)</th><td class=""$class"">$word</td><td>$(& $encode $check.Detail)</td></tr>")
        }
        $parts.Add('</tbody></table></details>')
    }
    $parts.Add('</body></html>')
    return $parts -join "`n"
}
