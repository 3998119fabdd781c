# The names that are nothing else in any sentence, and flags of Defender; made where a page is.
$script:ReportNames = $null

function ConvertTo-ReportText {
    # Gives a sentence of the bridge in the words of the page.
    param([string] $Text)

    if (-not $script:ReportNames) {
        $names = @($script:ReportWords.Keys | Where-Object -FilterScript { $_ -cmatch '^\w*(_|[a-z][A-Z])\w*$' }) -join '|'
        $flags = '(?:DUE|THREAT|INPROGRESS|SERVICE|HEALTH|EVALUATION|PRODUCT|MPENGINE|PLATFORM|END)_[A-Z_]+'
        $script:ReportNames = [regex] "(?<!\w)(?:$names|$flags)(?!\w)"
    }
    return $script:ReportNames.Replace($Text, {
            param($found)
            if ($script:ReportWords.ContainsKey($found.Value)) { $script:ReportWords[$found.Value] } else { $found.Value.Replace('_', ' ').ToLowerInvariant() }
        })
}
