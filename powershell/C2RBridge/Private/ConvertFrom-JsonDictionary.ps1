function ConvertFrom-JsonDictionary {
    # Turns dictionaries into what ConvertFrom-Json would have given. Names that no object can have, an empty one or two that
    # differ in nothing but case, stay a dictionary.
    param($Value)

    if ($Value -is [Collections.IDictionary]) {
        $names = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
        $isObject = $true
        foreach ($key in $Value.Keys) { $isObject = $isObject -and $key -ne '' -and $names.Add($key) }
        $properties = [Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
        foreach ($key in $Value.Keys) { $properties[$key] = ConvertFrom-JsonDictionary -Value $Value[$key] }
        if ($isObject) { return [pscustomobject] $properties }
        return $properties
    }
    if ($Value -is [array]) {
        $items = [object[]]::new($Value.Length)
        for ($index = 0; $index -lt $items.Length; $index++) { $items[$index] = ConvertFrom-JsonDictionary -Value $Value[$index] }
        return , $items
    }
    return $Value
}
