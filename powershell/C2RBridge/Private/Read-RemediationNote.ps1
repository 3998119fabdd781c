function Read-RemediationNote {
    # What the last remediation did, as a sentence for the end of a report; empty where there is no note that can be read. What is
    # wrong with the folder of the notes is said, and does not hide what the report found.
    param([string] $Name, [string] $StateFolder)

    $path = try { Get-RemediationNotePath -Name $Name -StateFolder $StateFolder } catch { return " And no note can be kept: $_" }
    try {
        $note = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))
        if ($note.time -is [string] -and $note.text -is [string]) { return " Last remediation $($note.time) UTC: $($note.text)" }
    } catch {
        return ''
    }
}
