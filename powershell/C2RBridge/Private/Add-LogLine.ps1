function Add-LogLine {
    # Appends a line to a log that CMTrace shows. A log of more than 1 MB becomes the one before, whose name ends in lo_, as the
    # logs of Configuration Manager do.
    param([string] $Path, [string] $Component, [string] $Text)

    $file = [IO.FileInfo]::new($Path)
    if ($file.Exists -and $file.Length -gt 1MB) {
        $older = [IO.Path]::ChangeExtension($Path, 'lo_')
        [IO.File]::Delete($older)
        [IO.File]::Move($Path, $older)
    }
    $now = [datetimeoffset]::Now
    $line = '<![LOG[{0}]LOG]!><time="{1}{2}" date="{3}" component="{4}" context="" type="1" thread="{5}" file="">' -f @(
        ($Text -replace '\s*[\r\n]+\s*', ' ').Replace(']LOG]!>', ']LOG] !>')
        $now.ToString('HH:mm:ss.fff', [cultureinfo]::InvariantCulture)
        (-$now.Offset.TotalMinutes).ToString('+000;-000', [cultureinfo]::InvariantCulture)
        $now.ToString('MM-dd-yyyy', [cultureinfo]::InvariantCulture)
        $Component
        $PID
    )
    [IO.File]::AppendAllText($Path, "$line`r`n")
}
