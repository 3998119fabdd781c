function ConvertTo-BridgeParameter {
    # Gives the wire's params for those of a cmdlet's parameters that were given (`$PSBoundParameters`): the name in
    # camelCase, switches as booleans, and no PSObject around a value, whose extra members 5.1 would write into the JSON.
    param([Collections.IDictionary] $Bound, [string[]] $Name)

    $parameters = @{}
    foreach ($key in $Name) {
        # An object from the pipeline may have the property and nothing in it.
        if ($null -eq $Bound[$key]) { continue }
        $wireName = $key.Substring(0, 1).ToLowerInvariant() + $key.Substring(1)
        # No `= if`: what comes out of a statement loses the array around a single element.
        if ($Bound[$key] -is [switch]) {
            $parameters[$wireName] = [bool] $Bound[$key]
        } else {
            $parameters[$wireName] = $Bound[$key].PSObject.BaseObject
        }
    }
    return $parameters
}
