function Get-ReportValue {
    # Gives what lies at a path such as Office.Version in a report, or nothing where it does not go that far: reports come from
    # other versions of the module and through remoting, too.
    param($Report, [string] $Path)

    $value = $Report
    foreach ($name in $Path.Split('.')) {
        if ($null -eq $value) { return }
        $member = $value.PSObject.Properties[$name]
        if ($null -eq $member) { return }
        $value = $member.Value
    }
    return $value
}
