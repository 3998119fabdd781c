function ConvertTo-BridgeParameter {
    # Gives the wire's params for those of a cmdlet's parameters that were given (`$PSBoundParameters`): the name in
    # camelCase, switches as booleans, and no trace of the PSObject around a string, which 5.1 would write out as JSON.
    param([Collections.IDictionary] $Bound, [string[]] $Name)

    $parameters = @{}
    foreach ($key in $Name) {
        if (-not $Bound.ContainsKey($key)) { continue }
        $value = $Bound[$key]
        $parameters[$key.Substring(0, 1).ToLowerInvariant() + $key.Substring(1)] = if ($value -is [switch]) {
            [bool] $value
        } elseif ($value -is [array]) {
            , @(foreach ($item in $value) { $item.PSObject.BaseObject })
        } else {
            $value.PSObject.BaseObject
        }
    }
    return $parameters
}
