# Colours with a contrast of 4.5:1 and more on their ground, in both schemes. No colour says what a word does not.
$script:ReportStyle = @'
:root { color-scheme: light dark; --ground: #fff; --text: #1b1b1b; --line: #c8c8c8; --good: #146c2e; --bad: #b3261e; --wait: #8a5000; --none: #5c5c5c; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --ground: #1b1b1b; --text: #ececec; --line: #4d4d4d; --good: #6fdc8c; --bad: #ff9a92; --wait: #ffc266; --none: #b8b8b8; --link: #a8c7fa; } }
body { font: 15px/1.5 "Segoe UI", system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--ground); color: var(--text); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; } h2 span { font-size: 1rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); } section td:last-child { overflow-wrap: anywhere; }
section th[scope=row], section td:first-child { width: 13rem; } td.v, .wide th[scope=row], .wide td:nth-child(2) { white-space: nowrap; }
section { border-top: 2px solid var(--line); padding: 1rem 0; content-visibility: auto; contain-intrinsic-size: auto 20rem; }
.wide { overflow-x: auto; } .wide table { min-width: 44rem; } .wide td:nth-child(4) { min-width: 9rem; } .wide td:nth-child(6) { min-width: 14rem; }
a { color: var(--link); } li, p { overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); } .none, .note { color: var(--none); }
.totals { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem 2rem; } .totals b { font-size: 1.8rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem 3rem; } figure { margin: 0 0 1rem; } figcaption { font-weight: 600; }
svg { width: 100%; max-width: 30rem; fill: currentColor; font-size: 14px; } svg rect { fill: var(--link); }
@media print { :root { --ground: #fff; --text: #000; --line: #999; --good: #0b4f20; --bad: #8c1d18; --wait: #6b3e00; --none: #444; --link: #000; } body { max-width: none; padding: 0; font-size: 10pt; } section { content-visibility: visible; } tr, figure, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; } .wide { overflow: visible; } .wide table { min-width: 0; } .wide td:nth-child(6) { min-width: 0; } }
'@

function ConvertTo-ReportHtml {
    # Gives one page for the reports: no scripts, nothing from elsewhere, and nothing from a report that is not encoded. The
    # section of one computer says everything; those of many are brief, so that a page of 1,000 opens at once.
    param([psobject[]] $Report)

    $rows = @(foreach ($each in $Report) { @{ Report = $each; State = Get-ReportState -Report $each; Age = Get-ReportAge -Report $each } })
    $rows = @($rows | Sort-Object -Property { $_.State.Rank }, @{ Expression = { @($_.Report.Problems).Count }; Descending = $true }, { "$($_.Report.ComputerName)" })
    for ($index = 0; $index -lt $rows.Count; $index++) { $rows[$index].Anchor = "c$($index + 1)" }
    $parts = [Collections.Generic.List[string]]::new()
    $parts.Add("<!DOCTYPE html>`n<html lang=""en"">`n<head>`n<meta charset=""utf-8"">`n<meta name=""viewport"" content=""width=device-width, initial-scale=1"">`n" +
        "<meta http-equiv=""Content-Security-Policy"" content=""default-src 'none'; style-src 'unsafe-inline'"">`n<title>Office and Defender updates</title>`n<style>`n$script:ReportStyle</style>`n</head>`n<body>")
    $failing = @($rows | Where-Object -FilterScript { $_.State.Rank -eq 0 }).Count
    $parts.Add("<header><h1>Office and Defender updates</h1><p>Computers: $($rows.Count), failing: $failing. Times are UTC.</p></header>`n<main>")
    if ($rows.Count -gt 1) { $parts.Add((ConvertTo-FleetSummary -Row $rows)) }
    foreach ($row in $rows) { $parts.Add((ConvertTo-ReportSection @row -Brief:($rows.Count -gt 1))) }
    $parts.Add('</main></body></html>')
    return $parts -join "`n"
}
