function Invoke-BridgeRequest {
    # What every cmdlet is made of: one request, its result as objects. Starts the bridge where none runs. Not an advanced
    # function, so that `$PSCmdlet` is the cmdlet that was called, here and in the client below: errors carry its name,
    # and its -Verbose, -WarningAction and progress settings hold.
    #
    #   -Parameters   the method's params as on the wire; see ConvertTo-BridgeParameter
    #   -TypeName     the types of the result for format files, the most general one first; without it the result stays as on
    #                 the wire
    #   -Needs        members that the caller reads: a result without them is not the one of the contract
    #   -Each         gives the elements of this member of the result, instead of the result, as -TypeName
    #   -Verbatim     members (at any depth) whose content keeps the names and strings of the wire
    #   -Activity     asks for progress and shows it under this title
    param(
        [string] $Method,
        $Parameters,
        $TypeName,
        $Needs,
        [string] $Each,
        $Verbatim,
        [string] $Activity
    )

    # In a function that is not an advanced one, a parameter that it does not have is lost silently.
    if ($args) { throw "Invoke-BridgeRequest does not take $args" }
    Open-Bridge -Method $Method -Scope 3
    # The bridge ends the request in time by itself; this is for one that hangs.
    $timeoutMs = $null
    if ($Parameters -and $Parameters['timeoutMs']) { $timeoutMs = $Parameters['timeoutMs'] + 5000 }
    $result = Send-Request -Method $Method -Parameters $Parameters -Activity $Activity -TimeoutMs $timeoutMs
    if (-not $TypeName -and -not $Needs) { return $result }

    if ($result -isnot [Management.Automation.PSCustomObject]) { Stop-MisleadingBridge -Method $Method }
    foreach ($name in $Needs) { if (-not $result.PSObject.Properties[$name]) { Stop-MisleadingBridge -Method $Method } }
    if (-not $TypeName) { return $result }
    $object = ConvertTo-ResultObject -Value $result -Verbatim $Verbatim
    if ($Each) { return Expand-Result -Method $Method -Object $object -Member $Each -TypeName $TypeName }
    foreach ($name in $TypeName) { $object.PSObject.TypeNames.Insert(0, $name) }
    return $object
}
