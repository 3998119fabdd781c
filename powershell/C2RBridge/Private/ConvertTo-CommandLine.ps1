function ConvertTo-CommandLine {
    # Joins arguments so that each arrives unchanged: ProcessStartInfo.ArgumentList does not exist in .NET Framework. The
    # rules are those of https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments, which .NET follows
    # on every platform.
    param($Argument)

    $quoted = foreach ($text in $Argument) {
        # Backslashes count only in front of a quote: double those, escape the quote; the closing quote is one, too. Most texts have
        # neither, and a session's first pattern takes longer than the start of the process.
        if ($text.Contains('"') -or $text.EndsWith('\', [StringComparison]::Ordinal)) {
            # \z, because $ would also match in front of a line break at the end.
            $text = $text -replace '(\\*)"', '$1$1\"' -replace '(\\+)\z', '$1$1'
        }
        "`"$text`""
    }
    return $quoted -join ' '
}
