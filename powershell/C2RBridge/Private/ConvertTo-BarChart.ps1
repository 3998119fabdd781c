function ConvertTo-BarChart {
    # Gives a bar for each entry as inline SVG: the label above it, its number behind it. The title is what a screen reader says.
    param([string] $Title, [Collections.Specialized.OrderedDictionary] $Bars)

    $encode = { param($Value) [Net.WebUtility]::HtmlEncode("$Value") }
    $most = [Math]::Max(1, ($Bars.Values | Measure-Object -Maximum).Maximum)
    $number = { param($Value) ([double] $Value).ToString('0.#', [cultureinfo]::InvariantCulture) }
    $rows = [Collections.Generic.List[string]]::new()
    $top = 0
    foreach ($bar in $Bars.GetEnumerator()) {
        $width = & $number (300 * $bar.Value / $most)
        $rows.Add("<text x=""0"" y=""$($top + 14)"">$(& $encode $bar.Key)</text><rect x=""0"" y=""$($top + 20)"" width=""$width"" height=""12""/>" +
            "<text x=""$(& $number (308 * $bar.Value / $most + 8))"" y=""$($top + 31)"">$($bar.Value)</text>")
        $top += 44
    }
    $said = @($Bars.GetEnumerator() | ForEach-Object -Process { "$($_.Key): $($_.Value)" }) -join ', '
    return "<figure><figcaption>$(& $encode $Title)</figcaption><svg viewBox=""0 0 380 $top"" role=""img"" aria-label=""$(& $encode "$Title. $said")"">$($rows -join '')</svg></figure>"
}
