function Expand-Result {
    # Gives the elements of a member of a result, each with its types and with the backend that the result is from.
    param([string] $Method, $Object, [string] $Member, $TypeName)

    $members = $Object.PSObject.Properties
    if (-not $members[$Member] -or $members[$Member].Value -isnot [array]) { Stop-MisleadingBridge -Method $Method }
    foreach ($element in $members[$Member].Value) {
        if ($element -isnot [Management.Automation.PSCustomObject]) { Stop-MisleadingBridge -Method $Method }
        if ($members['Backend']) {
            $element.PSObject.Properties.Remove('Backend')
            $element.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new('Backend', $members['Backend'].Value))
        }
        foreach ($name in $TypeName) { $element.PSObject.TypeNames.Insert(0, $name) }
        $element
    }
}
