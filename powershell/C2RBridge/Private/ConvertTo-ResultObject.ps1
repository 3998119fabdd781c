function ConvertTo-ResultObject {
    # Gives a result the shape that PowerShell users expect: names in PascalCase, and times as [datetime] in UTC. Times are
    # those fields whose name is `at` or ends in `At`, by the contract's own habit. Members named in -Verbatim keep what is in them.
    param($Value, $Verbatim)

    if ($Value -is [Management.Automation.PSCustomObject]) {
        $properties = [ordered]@{}
        foreach ($property in $Value.PSObject.Properties) {
            $name = $property.Name
            $content = $property.Value
            if ($Verbatim -contains $name) {
                $null = $content
            } elseif ($content -is [array] -or $content -is [Management.Automation.PSCustomObject]) {
                $content = ConvertTo-ResultObject -Value $content -Verbatim $Verbatim
            } elseif ($content -is [string] -and ($name -ceq 'at' -or $name.EndsWith('At', [StringComparison]::Ordinal)) -and $content -match '^\d{4}-\d\d-\d\dT') {
                $content = [datetimeoffset]::Parse($content, [cultureinfo]::InvariantCulture, 'AssumeUniversal').UtcDateTime
            }
            $pascal = if ($name.StartsWith('hresult', [StringComparison]::Ordinal)) { 'HResult' + $name.Substring(7) } else { $name.Substring(0, 1).ToUpperInvariant() + $name.Substring(1) }
            $properties[$pascal] = $content
        }
        return [pscustomobject] $properties
    }
    if ($Value -is [array]) {
        $items = [object[]]::new($Value.Length)
        for ($index = 0; $index -lt $items.Length; $index++) {
            $items[$index] = ConvertTo-ResultObject -Value $Value[$index] -Verbatim $Verbatim
        }
        return , $items
    }
    return $Value
}
