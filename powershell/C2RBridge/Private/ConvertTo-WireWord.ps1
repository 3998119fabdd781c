function ConvertTo-WireWord {
    # Gives what a word of a ValidateSet (-Known), typed in any case, is called on the wire. See ConvertTo-BridgeParameter.
    param([string] $Word, [string[]] $Known, [hashtable] $Rule)

    $canonical = @($Known -eq $Word)[0]
    if (-not $Rule.ContainsKey('Words')) { return $canonical }
    if ($Rule.Words.ContainsKey($canonical)) { return $Rule.Words[$canonical] }
    return $canonical.ToLowerInvariant()
}
