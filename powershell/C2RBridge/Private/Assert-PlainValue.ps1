function Assert-PlainValue {
    # Refuses a value that JSON has no form for. Of an object of .NET, a script block for example, ConvertTo-Json would write out
    # everything that it leads to, for minutes; and what is deeper than -Depth it would change into text.
    param($Value, [string] $Name, $Depth = 64)

    if ($null -eq $Value -or $Value -is [string] -or $Value -is [ValueType] -or $Value -is [uri] -or $Value -is [version]) { return }
    $fault = $null
    $isDictionary = $Value -is [Collections.IDictionary]
    $isList = $Value -is [Collections.IList]
    if (-not $isDictionary -and -not $isList -and $Value -isnot [Management.Automation.PSCustomObject]) {
        $fault = "$Name is a $($Value.GetType().FullName), which JSON has no form for."
    } elseif ($Depth -eq 0) {
        $fault = 'Params are nested deeper than 64 levels.'
    } elseif ($isDictionary) {
        foreach ($entry in $Value.GetEnumerator()) {
            if ($entry.Key -isnot [string]) {
                $fault = "$Name has the key $($entry.Key), which is not text."
                break
            }
            Assert-PlainValue -Value $entry.Value -Name "$Name.$($entry.Key)" -Depth ($Depth - 1)
        }
        if (-not $fault) { return }
    } elseif ($isList) {
        $elementType = $Value.GetType().GetElementType()
        if ($elementType -and $elementType.IsValueType) { return }
        foreach ($element in $Value) { Assert-PlainValue -Value $element -Name "${Name}[]" -Depth ($Depth - 1) }
        return
    } else {
        foreach ($property in $Value.PSObject.Properties) { Assert-PlainValue -Value $property.Value -Name "$Name.$($property.Name)" -Depth ($Depth - 1) }
        return
    }
    $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId InvalidParams -Category InvalidArgument -TargetObject $Name -Message $fault `
                -RecommendedAction 'Give text, numbers, dates, true or false, and lists, hashtables and custom objects of these.'))
}
