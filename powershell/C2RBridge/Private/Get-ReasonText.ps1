function Get-ReasonText {
    # What is not as wanted, and what may explain it, in the words of this module.
    param($Found)

    return ConvertTo-CmdletAdvice -Text ((@($Found.reasons | ForEach-Object -Process { $_.phrase }) + @($Found.notes)) -join ' ')
}
