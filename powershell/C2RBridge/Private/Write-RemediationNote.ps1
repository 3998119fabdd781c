function Write-RemediationNote {
    # Keeps what a remediation did for the next detection, and in a log for people. Gives a sentence where that fails, and nothing otherwise.
    param([string] $Name, [string] $StateFolder, [string] $Text)

    try {
        # Some cultures have another calendar.
        $note = @{ time = [datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture); text = $Text }
        $path = Get-RemediationNotePath -Name $Name -StateFolder $StateFolder
        [IO.File]::WriteAllText($path, (ConvertTo-Json -InputObject $note -Depth 3 -Compress))
    } catch {
        return " And no note could be kept: $(Get-FaultText -Record $_)"
    }
    try {
        Add-LogLine -Path ([IO.Path]::Combine([IO.Path]::GetDirectoryName($path), 'Remediation.log')) -Component $Name -Text $Text
        return ''
    } catch {
        return " And nothing could be written to the log: $(Get-FaultText -Record $_)"
    }
}
