function ConvertFrom-JsonDictionary {
    # Turns what JavaScriptSerializer gives into what ConvertFrom-Json would have given.
    param($Value)

    if ($Value -is [Collections.IDictionary]) {
        $properties = [ordered]@{}
        foreach ($key in $Value.Keys) { $properties[$key] = ConvertFrom-JsonDictionary -Value $Value[$key] }
        return [pscustomobject] $properties
    }
    if ($Value -is [array]) {
        $items = [object[]]::new($Value.Length)
        for ($index = 0; $index -lt $items.Length; $index++) { $items[$index] = ConvertFrom-JsonDictionary -Value $Value[$index] }
        return , $items
    }
    return $Value
}
