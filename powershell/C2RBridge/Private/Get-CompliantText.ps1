function Get-CompliantText {
    # What a report says of a device of which nothing more is wanted.
    param([string] $Name, $Found)

    if ($Found.exempted) { return "$($Found.exempted) Nothing is wanted of it." }
    switch ($Name) {
        OfficeManagement { return 'Management through COM is off; Office updates by itself.' }
        DefenderSignature { return $Found.defenderSignature.age }
    }
    $pending = if ($Found.office.PSObject.Properties['channelPending']) { @($Found.office.channelPending) }
    $waits = if ($pending) { "; channel change waits for $($pending -join ', ')" }
    $version = if ($Found.office.PSObject.Properties['version']) { " $($Found.office.version)" }
    $notes = if (@($Found.notes)) { " But: $(@($Found.notes) -join ' ')" }
    return ConvertTo-CmdletAdvice -Text "Office$version is as wanted$waits.$notes"
}
