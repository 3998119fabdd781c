function Assert-PlainValue {
    # Refuses a value that JSON has no form for. Of an object of .NET, a script block for example, ConvertTo-Json would write out
    # everything that it leads to, for minutes; and what is deeper than -Depth it would change into text.
    param($Value, [string] $Name, $Depth = 64)

    if ($null -eq $Value -or $Value -is [string] -or $Value -is [ValueType] -or $Value -is [uri] -or $Value -is [version]) { return }
    # Numbers and the like: none of them can be at fault, and there may be many.
    if ($Value -is [array] -and $Value.GetType().GetElementType().IsValueType) { return }
    $fault = $null
    $children = if ($Value -is [Collections.IDictionary]) {
        foreach ($entry in $Value.GetEnumerator()) {
            if ($entry.Key -isnot [string]) { $fault = "$Name has the key $($entry.Key), which is not text." }
            @{ Name = "$Name.$($entry.Key)"; Value = $entry.Value }
        }
    } elseif ($Value -is [Collections.IList]) {
        foreach ($element in $Value) { @{ Name = "${Name}[]"; Value = $element } }
    } elseif ($Value -is [Management.Automation.PSCustomObject]) {
        foreach ($property in $Value.PSObject.Properties) { @{ Name = "$Name.$($property.Name)"; Value = $property.Value } }
    } else {
        $fault = "$Name is a $($Value.GetType().FullName), which JSON has no form for."
    }
    if (-not $fault -and $Depth -eq 0) { $fault = 'Params are nested deeper than 64 levels.' }
    if ($fault) {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidParams -Category InvalidArgument -TargetObject $Name -Message $fault `
                    -RecommendedAction 'Give text, numbers, dates, true or false, and lists, hashtables and custom objects of these.'))
    }
    foreach ($child in $children) { Assert-PlainValue @child -Depth ($Depth - 1) }
}
