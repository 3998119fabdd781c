function Get-CompliantText {
    # What a report says of a device of which nothing more is wanted.
    param([string] $Name, $Found)

    if ($Found.exempted) { return "$($Found.exempted) Nothing is wanted of it." }
    switch ($Name) {
        OfficeManagement { return 'Management through COM is off; Office updates by itself.' }
        DefenderSignature { return Get-ReportValue -Report $Found -Path defenderSignature.age }
    }
    $pending = @(Get-ReportValue -Report $Found -Path office.channelPending)
    $waits = if ($pending) { "; channel change waits for $($pending -join ', ')" }
    $known = Get-ReportValue -Report $Found -Path office.version
    $version = if ($known) { " $known" }
    $notes = if (@($Found.notes)) { " But: $(@($Found.notes) -join ' ')" }
    return ConvertTo-CmdletAdvice -Text "Office$version is as wanted$waits.$notes"
}
