function Invoke-BridgeRequest {
    # What every cmdlet is made of: one request, its result as objects. Starts the bridge where none runs. Not an advanced
    # function, so that `$PSCmdlet` is the cmdlet that was called, here and in the client below: errors carry its name,
    # and its -Verbose, -WarningAction and progress settings hold.
    #
    #   -Parameters   the method's params as on the wire; see ConvertTo-BridgeParameter
    #   -TypeName     the type of the result for format files; without it the result stays as on the wire
    #   -Each         gives the elements of this member of the result, instead of the result, as -TypeName
    #   -Verbatim     members (at any depth) whose content keeps the names and strings of the wire
    #   -Activity     asks for progress and shows it under this title
    param(
        [string] $Method,
        [Collections.IDictionary] $Parameters = @{},
        [string[]] $TypeName,
        [string] $Each,
        [string[]] $Verbatim,
        [string] $Activity
    )

    # In a function that is not an advanced one, a parameter that it does not have is lost silently.
    if ($args.Count -gt 0) { throw "Invoke-BridgeRequest does not take $args" }
    Open-Bridge -Method $Method -Scope 3
    $request = @{ Method = $Method; Parameters = $Parameters; Activity = $Activity }
    # The bridge ends the request in time by itself; this is for one that hangs.
    if ($Parameters.Contains('timeoutMs')) { $request.TimeoutMs = $Parameters['timeoutMs'] + 5000 }
    $result = Send-Request @request
    if (-not $TypeName) { return $result }

    $isObject = $result -is [Management.Automation.PSCustomObject]
    if (-not $isObject -or ($Each -and -not ($result.PSObject.Properties[$Each] -and $result.$Each -is [array]))) {
        Stop-FailedBridge -Method $Method -Reason 'its result is not the one of the contract'
    }
    $object = ConvertTo-ResultObject -Value $result -Verbatim $Verbatim
    $outputs = if ($Each) { @($object.$Each) } else { , $object }
    foreach ($output in $outputs) {
        if ($Each -and $object.PSObject.Properties['Backend']) {
            $output.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new('Backend', $object.Backend))
        }
        for ($index = $TypeName.Length - 1; $index -ge 0; $index--) { $output.PSObject.TypeNames.Insert(0, $TypeName[$index]) }
        $output
    }
}
